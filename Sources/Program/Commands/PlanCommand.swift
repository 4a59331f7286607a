import ArgumentParser
import Filters
import Jobs
import StrictJSON
import Volumes

/// `medfilter plan JOB.json`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Resolve the job and say what would be done and what it will cost; writes nothing.",
    discussion: """
      Exit status 0: the job can be run. 3: some scans would be refused, each is named. 64: the job file is wrong. \
      66: no input matched. 75: interrupted.
      """)

  @Argument(help: ArgumentHelp("The job file.", valueName: "job.json"), completion: .file(extensions: ["json"]))
  var job: String

  @OptionGroup var resources: ResourceOptions
  @OptionGroup var speech: SpeechOptions

  func run() throws {
    let messages = speech.messages
    do {
      let plan = try StopSignals.listening { cancellation in
        try JobPlan.resolve(jobFile: job, overriding: resources.overrides, cancellation: cancellation)
      }
      plan.findings.forEach { messages.warning("\(job): \($0.detail)") }
      Terminal.output(speech.json ? plan.document.encoded() + "\n" : PlanText(plan).text)
      plan.refused.forEach { messages.error("\($0.scan.shownName): \($0.failure)") }
      if !plan.refused.isEmpty { throw ExitCode(ExitStatus.someFailed.rawValue) }
    } catch let refusal as JobRefusal {
      refusal.sentences.forEach(messages.error)
      throw ExitCode(refusal.status.rawValue)
    }
  }
}
