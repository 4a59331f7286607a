import Filters
import Jobs
import StrictJSON
import Testing

@Suite struct SchemaTests {
  @Test func `the schema in Config is the one of the declarations`() {
    let schema = JobSpec.schema.pretty() + "\n"
    #expect(PackageFolder.text(PackageFolder.root + "/Config/job.schema.json", insteadOf: schema) == schema)
  }

  @Test func `no form declares a key twice`() {
    let forms = JobSpec.sections.map(\.form) + FilterCatalogue.all.map { $0.form }
    for form in forms { #expect(Set(form.names).count == form.names.count) }
  }

  @Test func `filters have different names`() {
    #expect(Set(FilterCatalogue.names).count == FilterCatalogue.all.count)
  }
}
