/// Asked now and then by work that may take minutes; throws what ends it.
///
/// The type of the error is the caller's, so that work which nobody stops throws nothing at all.
package typealias StopCheck<Stop: Error> = () throws(Stop) -> Void

/// For work that nobody stops.
func neverStopped() throws(Never) {}
