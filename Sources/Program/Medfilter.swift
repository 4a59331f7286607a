import ArgumentParser
import Glibc
import Jobs
import StrictJSON

/// The program: argv in, exit status out.
@main
struct Medfilter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "medfilter",
    abstract: "Filters archives of volumetric medical scans (NIfTI) and records what it did.",
    discussion: """
      A job file says which scans to filter, with which filters, and where the outputs go:

        medfilter plan job.json      what would be done, and at what cost
        medfilter run job.json       do it; safe to repeat
        medfilter verify out/provenance.jsonl

      Exit status:
        0   success
        3   some scans failed, or would fail; all others are done
        64  the command line, the job or a limit of the process is wrong; nothing was started
        65  verify, replay, inspect or kernel found faulty data
        66  no scan matched, or there is no such file
        70  a defect of medfilter; please report it
        73  the output folder or file cannot be created or written
        74  the log or the output disk failed
        75  interrupted, or another run holds the lock; run the same command again

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
      leave(.success)
    } catch let status as ExitCode {
      leave(ExitStatus(rawValue: status.rawValue) ?? .defect)
    } catch  where exitCode(for: error) == .failure {
      // The parser's own errors are usage errors with their own status; anything else that arrives here is a defect of ours.
      Messages().error("a defect of medfilter: \(error); please report it, with the command line")
      leave(.defect)
    } catch {
      leave(answering: error)
    }
  }

  /// Prints what the parser answers: help and version are results, the rest is an error.
  private static func leave(answering error: any Error) -> Never {
    let text = fullMessage(for: error)
    guard exitCode(for: error) != .success else {
      if !text.isEmpty { Terminal.output(text + "\n") }
      leave(.success)
    }
    Terminal.error(text + "\n")
    if CommandLine.arguments.contains("--json") {
      Refusal(status: .usage, problems: [Refusal.Problem(code: "E_USAGE", message: message(for: error))]).output()
    }
    leave(.usage)
  }

  /// Ends the program: with the status, unless results could not be written.
  private static func leave(_ status: ExitStatus) -> Never {
    let final = StandardStreams.status(after: status)
    Terminal.finish()
    Glibc.exit(final.rawValue)
  }

  /// The parser would report a misspelt command as an unexpected argument.
  private static func refuseUnknownCommand() throws {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !known.contains(word) else {
      return
    }
    throw ValidationError("unknown command \(word.quoted)\(Nearest.question(word, among: known))")
  }
}
