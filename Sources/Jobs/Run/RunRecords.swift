import CCodec
import Filters
import Glibc
import Provenance
import StrictJSON
import Volumes

/// What `run_start` says: enough to repeat the run elsewhere, nothing about who or where.
enum RunRecords {
  static func start(_ plan: JobPlan, _ archive: ArchiveMark, _ ownership: Ownership, _ findings: [Finding]) -> [(
    String, JSONOutput
  )] {
    let adopts: [(String, JSONOutput)] =
      ownership.adopts.isEmpty ? [] : [("adopts", .array(ownership.adopts.map(\.json)))]
    return [
      ("job", .string(plan.spec.name)), ("job_sha256", .string(plan.jobDigest.hex)),
      ("resolved", plan.spec.resolved(.noPaths)), ("scans", .int(plan.scans.count)),
      ("findings", .array(findings.map(\.json))), ("archive", archive.json), ("software", software),
      ("host", host(plan)),
    ] + adopts + (plan.naming.keyID.map { [("names_key", .string($0))] } ?? [])
  }

  private static var software: JSONOutput {
    .object([
      ("name", .string(Software.name)), ("version", .string(Software.version)),
      ("arithmetic", .string(Software.arithmetic)), ("intended_use", .string(Software.intendedUse)),
      ("libraries", .object(Software.libraries.map { ($0.name, .string($0.version)) })),
    ])
  }

  private static func host(_ plan: JobPlan) -> JSONOutput {
    var names = utsname()
    uname(&names)
    return .object([
      ("kernel", .string(text(names.release))), ("arch", .string(text(names.machine))),
      ("isa", .string(plan.instructionSet.name)), ("threads", .int(plan.limits.threads)),
      ("memory_bytes", .int(plan.limits.memory)),
    ])
  }

  /// One field of `uname`, which ends at its first zero byte.
  private static func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
