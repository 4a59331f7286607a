import ArgumentParser
import CLinux
import Jobs
import Provenance

/// How a run guards its log against whoever can write it.
struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Sign the log's head with the Ed25519 key in this PEM file. Without it: the file that MEDFILTER_SIGNING_KEY_FILE \
      names, or medfilter-signing.key in $CREDENTIALS_DIRECTORY; else nothing is signed.
      """, valueName: "file"),
    completion: .file())
  var signingKey: String?

  @Option(
    help: ArgumentHelp(
      "Put a copy of every head of the log into this folder, which must exist. May be given more than once.",
      valueName: "folder"),
    completion: .directory)
  var anchor: [String] = []

  @Flag(help: "Tell every head of the log to syslog too.")
  var syslog = false

  @Option(
    help: ArgumentHelp(
      """
      Put a log of at least this size aside before the run, and begin one that continues it. All of them are needed to \
      go on and to verify.
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
