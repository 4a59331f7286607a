// A host program's floating-point state, as -ffast-math start-up code leaves it behind. Swift has no name for it; the C
// library's fenv can set and restore it as a whole.
import Glibc

/// Subnormal results become 0, and subnormal operands are read as 0; returns the state before.
func flushSubnormals() -> fenv_t {
  var state = fenv_t()
  fegetenv(&state)
  #if arch(x86_64)
    var flushing = state
    flushing.__mxcsr |= 0x8040
    fesetenv(&flushing)
  #elseif arch(arm64)
    var flushing = state
    flushing.__fpcr |= 1 << 24
    fesetenv(&flushing)
  #endif
  return state
}

func restore(_ state: fenv_t) {
  var state = state
  fesetenv(&state)
}
