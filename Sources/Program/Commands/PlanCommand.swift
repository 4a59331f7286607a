import ArgumentParser
import Filters
import Jobs
import StrictJSON
import Volumes

/// `medfilter plan JOB.json`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would do and what it would cost; writes nothing.",
    discussion: """
      Compares the archive and the outputs with the log by size and time, and reads at most one gigabyte where these are \
      not conclusive. Exit status 3 means that some scans would fail, 73 or 74 that a run would not start.
      """)

  @Argument(help: ArgumentHelp("The job file.", valueName: "job.json"), completion: .file(extensions: ["json"]))
  var job: String

  @Flag(help: "Read all files to detect changes, as a run does.")
  var verifyAll = false

  @Flag(
    help:
      "Plan for run --adopt: as if outputs of another job, or from another archive, at the same paths were its own.")
  var adopt = false

  @OptionGroup var resources: ResourceOptions
  @OptionGroup var speech: SpeechOptions

  func run() throws {
    let messages = speech.messages
    do {
      let forecast = try StopSignals.listening { cancellation in
        let plan = try JobPlan.resolve(jobFile: job, overriding: resources.overrides, cancellation: cancellation)
        return try JobForecast(of: plan, verifyAll: verifyAll, adopting: adopt, cancellation: cancellation)
      }
      forecast.findings.forEach { messages.warning("\(job): \($0.detail)", Messages.Facts(code: $0.code)) }
      Terminal.output(speech.json ? forecast.document.encoded() + "\n" : PlanText(forecast).text)
      FailureGroups.sentences(forecast.failures.map { ($0.scan.shownName, $0.failure) }).forEach(messages.error)
      // The document has told of it already.
      if let obstacle = forecast.obstacle {
        obstacle.sentences.forEach { messages.error($0, Messages.Facts(code: obstacle.code)) }
        throw ExitCode(obstacle.status.rawValue)
      }
      if !forecast.failures.isEmpty { throw ExitCode(ExitStatus.someFailed.rawValue) }
    } catch let refusal as JobRefusal {
      throw speech.tell(refusal)
    }
  }
}
