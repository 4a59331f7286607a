import ArgumentParser
import CLinux
import Jobs
import Provenance

/// How a run protects its log against anyone who can write to it.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Sign the log's head with the Ed25519 key in this PEM file. Default: the file that MEDFILTER_SIGNING_KEY_FILE \
      names, or medfilter-signing.key in $CREDENTIALS_DIRECTORY; otherwise nothing is signed.
      """, valueName: "file"),
    completion: .file())
  var signingKey: String?

  @Option(
    help: ArgumentHelp(
      "Copy every head of the log into this existing folder. May be repeated.",
      valueName: "folder"),
    completion: .directory)
  var anchor: [String] = []

  @Flag(help: "Also send every head of the log to syslog.")
  var syslog = false

  @Option(
    help: ArgumentHelp(
      """
      Before the run, set aside a log of at least this size and begin one that continues it. All of them are needed to \
      run and to verify.
      """, valueName: "size"))
  var rotateLog: MemorySize?

  var chosen: ProvenanceLog.Options {
    get throws(JobRefusal) {
      var options = try ProvenanceLog.Options(signingKey: signingKey, anchors: anchor, called: "--anchor")
      options.longest = rotateLog?.bytes
      if syslog { options.announce = { clinux_syslog_notice($0.line) } }
      return options
    }
  }
}
