import Parallel
import Testing

@Suite struct InstructionSetTests {
  @Test func `is the one that the environment names`() throws {
    let names = InstructionSet.available.map(\.name)
    #expect(names.first == "baseline")
    for name in names { #expect(try InstructionSet.chosen(environment: name).name == name) }
    #expect(try InstructionSet.chosen(environment: nil).name == names.last)
    let failure = #expect(throws: UnknownInstructionSet.self) { try InstructionSet.chosen(environment: "avx1024") }
    #expect(failure?.description == "MEDFILTER_ISA: expected \(names.joined(separator: ", ")), found \"avx1024\"")
  }
}
