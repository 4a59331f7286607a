// Tells the thread sanitizer what Swift's Mutex does when it is fought over. The quick ways of locking it are compiled into
// our code and seen; the slow ones are in the toolchain's libraries, which are not instrumented, and whoever took turns that
// way would look like a race. sanitize.py has the linker put these two around them (`--wrap`); they change nothing.

#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void real_lock(uint32_t thread, SELF) __asm__("__real_" LOCK);
SWIFT void real_unlock(SELF) __asm__("__real_" UNLOCK);
SWIFT void seen_lock(uint32_t thread, SELF) __asm__("__wrap_" LOCK);
SWIFT void seen_unlock(SELF) __asm__("__wrap_" UNLOCK);

SWIFT void seen_lock(uint32_t thread, SELF) {
  real_lock(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT void seen_unlock(SELF) {
  __tsan_release(mutex);
  real_unlock(mutex);
}
