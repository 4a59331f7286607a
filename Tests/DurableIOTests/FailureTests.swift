import DurableIO
import Glibc
import Testing

/// Each sentence once, so that a change of one is meant.
@Suite struct FailureTests {
  @Test(
    arguments: [
      (.write, ENOSPC, "cannot write x.nii: no space left on the disk"),
      (.sync, EIO, "cannot sync x.nii: the disk reported an input/output error"),
      (.close, EDQUOT, "cannot close x.nii: the disk quota is used up"),
      (.create, EROFS, "cannot create x.nii: the file system is read-only"),
      (.makeFolder, EACCES, "cannot make the folder x.nii: permission denied"),
      (.openFolder, ENOTDIR, "cannot open the folder x.nii: not a folder"),
      (.open, ENXIO, "cannot open x.nii: not a regular file"),
      (.write, EFBIG, "cannot write x.nii: the file would exceed the size limit"),
      (.read, 9999, "cannot read x.nii: system error 9999"),
    ] as [(DurableFailure.Operation, Int32, String)])
  func `a failure says what was tried, on what, and why`(
    operation: DurableFailure.Operation, code: Int32, sentence: String
  ) {
    #expect(DurableFailure(operation, code, "x.nii").description == sentence)
  }

  @Test func `failures fall into the groups that exit statuses follow`() {
    func failure(_ code: Int32) -> DurableFailure { DurableFailure(.write, code, "x") }
    #expect([ENOSPC, EDQUOT].allSatisfy { failure($0).isNoSpace })
    #expect([EROFS, EACCES, EPERM].allSatisfy { failure($0).isNotPermitted })
    #expect([ELOOP, ENOTDIR, EXDEV, EINVAL].allSatisfy { failure($0).isEscape })
    #expect(![EIO, EFBIG].contains { failure($0).isNoSpace || failure($0).isNotPermitted || failure($0).isEscape })
  }
}
