// swift-tools-version: 6.2
import PackageDescription

// Each target is a layer; imports point downwards only, and the targets below are in that order, top layer first.
// C libraries have no pkg-config files in Debian, so they are linked by name in the target that wraps them.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func layer(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// - Parameter beside: folders of data, and of the scripts that generated it, which the tests read by path.
func tests(_ name: String, of dependencies: [Target.Dependency], beside: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: beside, swiftSettings: strict)
}

let package = Package(
  name: "medfilter",
  products: [
    .executable(name: "medfilter", targets: ["Program"]),
    .library(name: "MedFilter", targets: ["MedFilter"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The command line: arguments in, exit status out.
    .executableTarget(
      name: "Program",
      dependencies: [
        "Jobs", "Filters", "Filtering", "Kernels", "Provenance", "DurableIO", "ByteStreams", "StrictJSON", "Parallel",
        "Volumes",
        "VolumeIO", "CLinux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    // The library for other Swift programs.
    layer(
      "MedFilter",
      on: ["Jobs", "Filters", "Filtering", "Provenance", "VolumeIO", "DurableIO", "StrictJSON", "Parallel", "Volumes"]),

    // spec → plan → read → filter → write → record
    layer(
      "Jobs",
      on: [
        "Filters", "Filtering", "Kernels", "VolumeIO", "Provenance", "ByteStreams", "DurableIO", "StrictJSON",
        "Parallel",
        "Volumes", "CLinux", "CMachineLimits",
      ]),
    layer("Provenance", on: ["DurableIO", "ByteStreams", "StrictJSON", "Volumes"]),
    layer("Filters", on: ["Filtering", "Kernels", "Volumes", "StrictJSON", "CHotLoops"]),
    layer("Filtering", on: ["Kernels", "Volumes", "Parallel", "CHotLoops"]),
    layer("VolumeIO", on: ["Volumes", "ByteStreams", "Parallel", "CNIfTI", "CHotLoops"]),
    layer("ByteStreams", on: ["Volumes", "Parallel", "CCodec", "CLinux"]),
    layer("DurableIO", on: ["CLinux"]),
    layer("Kernels", on: ["Volumes"]),
    layer("StrictJSON"),
    layer("Parallel", on: ["CHotLoops"]),
    layer("Volumes"),

    // C: the hot loops, and what Swift cannot call.
    .target(name: "CHotLoops", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CNIfTI", cSettings: [.headerSearchPath("forward")], linkerSettings: [.linkedLibrary("nifti2")]),
    .target(
      name: "CCodec",
      linkerSettings: ["isal", "z", "zstd", "crypto"].map { .linkedLibrary($0) }),
    .target(name: "CLinux"),
    .target(name: "CMachineLimits"),

    // Makes the scans in Samples.
    .executableTarget(
      name: "MakeSamples", dependencies: ["VolumeIO", "ByteStreams", "Parallel", "Volumes", "SeededNumbers"],
      path: "Samples/Make",
      swiftSettings: strict),

    // Compares the engine with the machine's limits.
    .executableTarget(
      name: "medfilter-bench",
      dependencies: [
        "Filtering", "Kernels", "Volumes", "Parallel", "CMachineLimits",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Tests/Benchmarks/Bench", swiftSettings: strict),

    // Random numbers for tests and samples, the same in every run.
    .target(name: "SeededNumbers", path: "Tests/SeededNumbers", swiftSettings: strict),
    // A disk in memory that fails and loses power on demand.
    .target(
      name: "SimulatedDisk", dependencies: ["DurableIO", "SeededNumbers"], path: "Tests/SimulatedDisk",
      swiftSettings: strict),
    // Feeds damaged bytes to the readers; Tests/Faults/check_fuzz.py runs it.
    .executableTarget(
      name: "medfilter-fuzz",
      dependencies: [
        "Jobs", "Filters", "Provenance", "VolumeIO", "ByteStreams", "DurableIO", "StrictJSON", "Volumes",
        "SimulatedDisk", "SeededNumbers",
      ], path: "Tests/Faults/Fuzz", swiftSettings: strict),
    tests("DurableIOTests", of: ["DurableIO", "SimulatedDisk", "SeededNumbers"]),
    tests(
      "ProvenanceTests",
      of: ["Provenance", "DurableIO", "SimulatedDisk", "SeededNumbers", "ByteStreams", "StrictJSON", "Volumes"],
      beside: ["Golden"]),
    tests("StrictJSONTests", of: ["StrictJSON", "SeededNumbers"]),
    tests("ParallelTests", of: ["Parallel"]),
    tests("ByteStreamsTests", of: ["ByteStreams", "Volumes", "Parallel", "SeededNumbers"], beside: ["Golden"]),
    tests(
      "VolumeIOTests", of: ["VolumeIO", "Volumes", "ByteStreams", "Parallel", "SeededNumbers"], beside: ["Golden"]),
    tests("KernelsTests", of: ["Kernels", "Volumes", "SeededNumbers"], beside: ["Golden"]),
    tests("FiltersTests", of: ["Filters", "Filtering", "Kernels", "Volumes", "StrictJSON"], beside: ["Golden"]),
    // Config/check-schema.py reads the corpus too.
    tests(
      "JobsTests",
      of: [
        "Jobs", "Filters", "Filtering", "VolumeIO", "ByteStreams", "DurableIO", "StrictJSON", "Kernels", "Parallel",
        "Volumes",
      ],
      beside: ["Corpus"]),
    tests("MedFilterTests", of: ["MedFilter", "Provenance", "ByteStreams"]),
    // Depends on the program so that it is built: the tests run it.
    tests("ProgramTests", of: ["Program", "ByteStreams", "Parallel"], beside: ["Golden"]),
    tests(
      "FilteringTests", of: ["Filtering", "Filters", "Kernels", "Volumes", "Parallel", "CHotLoops", "SeededNumbers"],
      beside: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)
