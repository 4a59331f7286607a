import ArgumentParser
import Glibc
import Jobs
import StrictJSON

/// The program: argv in, exit status out.
@main
struct Medfilter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "medfilter",
    abstract: "Filters archives of volumetric medical scans (NIfTI), and records what it did.",
    discussion: """
      A job file says which scans, which filters and where the outputs go:

        medfilter plan job.json      what would be done, and what it costs
        medfilter run job.json       do it; safe to repeat
        medfilter verify out/provenance.jsonl

      For research and processing, not for diagnosis.
      """,
    version: Software.description,
    subcommands: [
      RunCommand.self, PlanCommand.self, KernelCommand.self, InspectCommand.self, VerifyCommand.self,
      ReplayCommand.self, RetireCommand.self,
    ])

  static func main() {
    StandardStreams.open()
    CrashPrivacy.enforce()
    do {
      try refuseUnknownCommand()
      var command = try parseAsRoot()
      try command.run()
    } catch let status as ExitCode {
      Glibc.exit(status.rawValue)
    } catch  where exitCode(for: error) == .failure {
      // The parser's own errors are usage errors with their own status; anything else that arrives here is ours.
      Messages().error("a defect of medfilter: \(error); please report it with the command line")
      Glibc.exit(ExitStatus.defect.rawValue)
    } catch {
      exit(withError: error)
    }
  }

  /// The parser would take a misspelt command for an argument too many.
  private static func refuseUnknownCommand() throws {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !known.contains(word) else {
      return
    }
    throw ValidationError("unknown command \(word.quoted)\(Nearest.question(word, among: known))")
  }
}
