import ArgumentParser
import Jobs
import Parallel

/// `medfilter run JOB.json`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the job; safe to repeat, continues where an interrupted run stopped.")

  @Argument(help: ArgumentHelp("The job file.", valueName: "job.json"), completion: .file(extensions: ["json"]))
  var job: String

  @OptionGroup var resources: ResourceOptions
  @OptionGroup var speech: SpeechOptions
  @OptionGroup var log: LogOptions

  @Option(help: ArgumentHelp("How to show progress: auto, bar, plain, json or none.", valueName: "style"))
  var progress = ProgressStyle.auto

  @Flag(help: "Redo scans that are already done.")
  var force = false

  @Flag(
    help: """
      Take over outputs at this job's output paths that another job made, or this job from another archive.
      """)
  var adopt = false

  @Flag(help: "Read all files to detect changes, even if the job says \"unchanged\": \"stat\".")
  var verifyAll = false

  @Flag(help: "Stop at the first scan that fails.")
  var failFast = false

  @Flag(help: "Print and record where the time went, and how close the filters came to the machine's peak.")
  var timings = false

  func run() throws {
    let name = JobRun.newName()
    var messages = speech.messages
    messages.run = name
    let cancellation = Cancellation()
    do {
      try ProcessLimits.prepare()
      let signals = StopSignals(raising: cancellation)
      defer { withExtendedLifetime(signals) {} }
      let plan = try JobPlan.resolve(jobFile: job, overriding: resources.overrides, cancellation: cancellation)
      plan.findings.forEach { messages.warning("\(job): \($0.detail)", Messages.Facts(code: $0.code)) }
      GridSentences(plan: plan).all.forEach { messages.warning("\(job): \($0)") }
      try finish(run(plan, named: name, cancellation, messages).run(), plan, messages: messages)
    } catch let refusal as JobRefusal {
      throw speech.tell(refusal)
    }
  }

  private func run(
    _ plan: JobPlan, named name: String, _ cancellation: Cancellation, _ messages: Messages
  ) throws(JobRefusal) -> JobRun {
    var options = JobRun.Options(
      force: force, adopt: adopt, verifyAll: verifyAll, failFast: failFast, timings: timings, log: try log.chosen)
    (options.run, options.messagesDropped) = (name, { Terminal.unread })
    let report = progress.report(messages: messages)
    return JobRun(plan: plan, options: options, cancellation: cancellation) { event in
      report.report(event)
      guard case .noticed(let finding) = event else { return }
      messages.warning("\(job): \(finding.detail)", Messages.Facts(code: finding.code))
    }
  }

  private func finish(_ summary: RunSummary, _ plan: JobPlan, messages: Messages) throws {
    if speech.json { Terminal.output(summary.document.encoded() + "\n") }
    if let timings = summary.timings, !speech.json { Terminal.output(timings.text) }
    FailureCauses(summary).sentences.forEach(messages.error)
    if let reason = summary.reason { messages.error(reason) }
    for (change, outputs) in summary.ruleChanges {
      messages.note("\(Wording.count(outputs, "output")) made again, because \(change)")
    }
    if let head = summary.logHead { messages.note(head.line) }
    messages.note(plan.whereResultsLie)
    messages.note(summary.sentence)
    let status = summary.status
    if status != .success { throw ExitCode(status.rawValue) }
  }
}

extension ResourceOptions {
  var overrides: ResourceOverrides {
    ResourceOverrides(threads: threads, memory: memory?.bytes)
  }
}

extension JobPlan {
  /// Where to look, which hides what names hide.
  fileprivate var whereResultsLie: String {
    guard case .relative = naming else {
      return "the outputs, the log provenance.jsonl and summary.json lie in the folder of output.root"
    }
    return "the outputs lie in \(outputRoot.quoted), with the log provenance.jsonl and summary.json"
  }
}

extension RunSummary {
  /// The run in one sentence; the last thing that a person reads.
  var sentence: String {
    var parts = ["\(done) done"]
    if upToDate > 0 { parts.append("\(upToDate) up to date") }
    if recovered > 0 { parts.append("\(recovered) recovered") }
    if failed > 0 { parts.append("\(failed) failed") }
    if notStarted > 0 { parts.append("\(notStarted) not started") }
    let nothing = done == 0 && failed == 0 && notStarted == 0 ? "; nothing to do" : ""
    return
      "\(job): \(Wording.count(planned, "scan")): \(parts.joined(separator: ", ")) in \(Wording.duration(seconds))\(nothing)"
  }
}
