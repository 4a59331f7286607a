import ArgumentParser
import DurableIO
import Filters
import Jobs
import StrictJSON
import Volumes

/// `medfilter kernel FILE|SPEC`
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel",
    abstract: "Analyse a kernel: rank, factors, error bound, cost, width, frequency response, picture.",
    discussion: """
      The kernel comes from a file, from a filter of a job, or from one of the options that name a kernel. These take \
      comma-separated keys, as in a job file:

        medfilter kernel weights.json                     {"weights": [1, 2, 1]}
        medfilter kernel weights.nii.gz --svg kernel.svg  voxels are weights
        medfilter kernel job.json --filter 0 --spacing 1,1,2.5
        medfilter kernel --gaussian fwhm_mm=6 --spacing 1,1,2
        medfilter kernel --log sigma_vox=2,2,1
        medfilter kernel --sobel axis=i
      """)

  @Argument(
    help: ArgumentHelp(
      "A file of weights (.json, .nii, .nii.gz, .nii.zst, .hdr), or with --filter a job.", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(help: ArgumentHelp("Which filter of the job, counted from 0.", valueName: "n"))
  var filter: Int?

  @OptionGroup var specs: KernelSpecOptions

  @Option(help: ArgumentHelp("Voxel spacing along i, j and k in mm.", valueName: "a,b,c"))
  var spacing: String?

  @Option(help: ArgumentHelp("Draw the kernel, its factors and singular values.", valueName: "file.svg"))
  var svg: String?

  @OptionGroup var speech: SpeechOptions

  func validate() throws {
    let sources = (file.map { [$0.isEmpty ? "an empty name" : $0] } ?? []) + specs.given.map { "--\($0.name)" }
    guard sources.count == 1, file != "" else {
      let found = sources.isEmpty ? "none" : sources.joined(separator: " and ")
      throw ValidationError("expected one kernel, a file or an option such as --gaussian fwhm_mm=6; found \(found)")
    }
    if let filter {
      guard file != nil else { throw ValidationError("--filter: expected a job file beside it, found none") }
      guard filter >= 0 else { throw ValidationError("--filter: expected 0 or more, found \(filter)") }
    }
    _ = try millimetres
    if let svg, !svg.lowercased().hasSuffix(".svg") {
      throw ValidationError("--svg: expected a name that ends in .svg, found \(svg.quoted)")
    }
  }

  func run() throws {
    let subject = try find()
    if let svg { try draw(subject, to: svg) }
    Terminal.output(speech.json ? subject.report.encoded() + "\n" : KernelText(subject).text)
    for finding in subject.findings {
      speech.messages.warning("\(finding.code): \(finding.detail)", Messages.Facts(code: finding.code))
    }
  }

  /// Three lengths, or one for all axes.
  private var millimetres: Spacing? {
    get throws {
      guard let spacing else { return nil }
      let lengths = spacing.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
      guard lengths.count == 1 || lengths.count == 3, lengths.allSatisfy({ (1e-6...1e6).contains($0) }) else {
        throw ValidationError(
          "--spacing: expected three lengths in mm (1e-6 to 1e6), as in 1,1,2.5, or one; found \(spacing.quoted)")
      }
      return lengths.count == 1 ? Spacing(all: lengths[0]) : Spacing(lengths[0], lengths[1], lengths[2])
    }
  }

  private func find() throws -> KernelSubject {
    do {
      let spacing = try millimetres
      if let spec = specs.given.first { return try spec.subject(spacing: spacing) }
      let path = file ?? ""
      let source = filter.map { KernelSource.filter($0, job: path) } ?? .file(path)
      return try StopSignals.listening { cancellation in
        try source.subject(spacing: spacing, cancellation: cancellation)
      }
    } catch let problem as KernelProblem {
      throw speech.refuse(.usage, "E_KERNEL", problem.sentences)
    } catch let refusal as KernelRefusal {
      throw speech.refuse(refusal.status, "E_KERNEL", refusal.sentences)
    }
  }

  private func draw(_ subject: KernelSubject, to path: String) throws {
    do throws(DurableFailure) {
      try PictureFile(path).write(KernelPicture(subject).svg)
    } catch {
      throw speech.refuse(.cannotCreate, "E_OUTPUT", ["--svg: \(path): \(error.reason)"])
    }
  }
}

/// One option per kernel that is known by its name.
struct KernelSpecOptions: ParsableArguments {
  @Option(help: ArgumentHelp("fwhm_mm, sigma_mm or sigma_vox; order, truncate, form, axes.", valueName: "keys"))
  var gaussian: String?

  @Option(help: ArgumentHelp("size_vox or width_mm; axes.", valueName: "keys"))
  var box: String?

  @Option(
    help: ArgumentHelp("A Gaussian by its height: height; sigma_mm or sigma_vox; truncate, axes.", valueName: "keys"))
  var peak: String?

  @Option(
    help: ArgumentHelp("Laplacian of a Gaussian: sigma_mm or sigma_vox; truncate, form, axes.", valueName: "keys"))
  var log: String?

  @Option(
    help: ArgumentHelp(
      "Difference of Gaussians: sigma_mm or sigma_vox; ratio, truncate, form, axes.", valueName: "keys"))
  var dog: String?

  @Option(help: ArgumentHelp("neighbours=6 or neighbours=26; axes.", valueName: "keys"))
  var laplacian: String?

  @Option(help: ArgumentHelp("axis=i, j or k; axes.", valueName: "keys"))
  var sobel: String?

  @Option(help: ArgumentHelp("axis=i, j or k; axes.", valueName: "keys"))
  var prewitt: String?

  @Option(help: ArgumentHelp("axis=i, j or k; axes.", valueName: "keys"))
  var scharr: String?

  @Option(help: ArgumentHelp("size_vox; normalise=sum, axes.", valueName: "keys"))
  var binomial: String?

  var given: [KernelSpec] {
    let all = [
      ("gaussian", gaussian), ("box", box), ("peak", peak), ("log", log), ("dog", dog), ("laplacian", laplacian),
      ("sobel", sobel),
      ("prewitt", prewitt), ("scharr", scharr), ("binomial", binomial),
    ]
    return all.compactMap { name, text in text.map { KernelSpec(name: name, text: $0) } }
  }
}
