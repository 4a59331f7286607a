import ArgumentParser
import Jobs
import StrictJSON

/// Why a command did nothing: sentences for people, and with `--json` a document of its own.
struct Refusal {
  struct Problem {
    let code: String
    var path: String?
    let message: String
  }

  let status: ExitStatus
  let problems: [Problem]

  init(status: ExitStatus, problems: [Problem]) { (self.status, self.problems) = (status, problems) }

  init(_ refusal: JobRefusal) {
    status = refusal.status
    if case .badKeys(let keys) = refusal {
      problems = keys.map { Problem(code: refusal.code, path: $0.path, message: $0.sentence) }
    } else {
      problems = refusal.sentences.map { Problem(code: refusal.code, message: $0) }
    }
  }

  /// The document, the only one that the command writes.
  func output() {
    let errors = problems.map { problem in
      JSONOutput.object(
        [("code", .string(problem.code)), ("message", .string(problem.message))]
          + (problem.path.map { [("path", .string($0))] } ?? []))
    }
    let document = JSONOutput.object(
      Document.error.head + [("status", .int(Int(status.rawValue))), ("errors", .array(errors))])
    Terminal.output(document.encoded() + "\n")
  }
}

extension SpeechOptions {
  /// Tells why the command does nothing.
  func tell(_ refusal: Refusal) -> ExitCode {
    for problem in refusal.problems {
      messages.error(problem.message, Messages.Facts(code: problem.code, path: problem.path))
    }
    if json { refusal.output() }
    return ExitCode(refusal.status.rawValue)
  }

  func tell(_ refusal: JobRefusal) -> ExitCode { tell(Refusal(refusal)) }

  func refuse(_ status: ExitStatus, _ code: String, _ sentences: [String]) -> ExitCode {
    tell(Refusal(status: status, problems: sentences.map { Refusal.Problem(code: code, message: $0) }))
  }
}
