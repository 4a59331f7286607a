// swift-tools-version: 6.2
import PackageDescription

// Targets import downwards only; the order below is the order of the house, from the street door to the cellar.
// C libraries have no pkg-config files in Debian, so they are linked by name where their shim lives.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func room(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// - Parameter beside: folders of data, and of the scripts that made them, that the tests read by path.
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
    // argv in, exit status out.
    .executableTarget(
      name: "Program",
      dependencies: [
        "Jobs", "Filters", "Kernels", "Provenance", "DurableIO", "ByteStreams", "StrictJSON", "Parallel", "Volumes",
        "VolumeIO", "CLinux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    // The same things for other Swift programs.
    room(
      "MedFilter",
      on: ["Jobs", "Filters", "Filtering", "Provenance", "VolumeIO", "DurableIO", "StrictJSON", "Parallel", "Volumes"]),

    // spec → plan → read → filter → write → record
    room(
      "Jobs",
      on: [
        "Filters", "Filtering", "Kernels", "VolumeIO", "Provenance", "ByteStreams", "DurableIO", "StrictJSON",
        "Parallel",
        "Volumes", "CLinux", "CMachineLimits",
      ]),
    room("Provenance", on: ["DurableIO", "ByteStreams", "StrictJSON", "Volumes"]),
    room("Filters", on: ["Filtering", "Kernels", "Volumes", "StrictJSON"]),
    room("Filtering", on: ["Kernels", "Volumes", "Parallel", "CHotLoops"]),
    room("VolumeIO", on: ["Volumes", "ByteStreams", "Parallel", "CNIfTI", "CHotLoops"]),
    room("ByteStreams", on: ["Volumes", "Parallel", "CCodec", "CLinux"]),
    room("DurableIO", on: ["CLinux"]),
    room("Kernels", on: ["Volumes"]),
    room("StrictJSON"),
    room("Parallel", on: ["CHotLoops"]),
    room("Volumes"),

    // C: the hot loops, and what Swift cannot reach.
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

    // Measures the engine beside the machine's limits.
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
    // Depends on the program so that it is built: the tests start it.
    tests("ProgramTests", of: ["Program", "ByteStreams"], beside: ["Golden"]),
    tests(
      "FilteringTests", of: ["Filtering", "Kernels", "Volumes", "Parallel", "CHotLoops", "SeededNumbers"],
      beside: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)
