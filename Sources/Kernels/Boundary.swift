/// What a pass finds beyond the first and the last voxel of a line.
///
///     reflect       d c b a | a b c d | d c b a     mirror     d c b | a b c d | c b a
///     nearest       a a a a | a b c d | d d d d     wrap       a b c d | a b c d | a b c d
///     constant      v v v v | a b c d | v v v v     renormalise    weights outside count as absent
///
/// The first five are those of `scipy.ndimage`, by the same names.
package enum Boundary: Hashable, Sendable {
  case reflect, mirror, nearest, wrap
  case constant(Double)
  case renormalise
}
