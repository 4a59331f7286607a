import Dispatch
import Glibc
import Synchronization

/// Writes to a standard stream on a thread of its own, in order, so that a reader who does not read holds nobody up.
///
/// A write to a full pipe waits for its reader, and no signal ends that wait. So the thread waits, and the work goes on;
/// what it says meanwhile waits in a buffer of bounded size, and what does not fit is dropped and counted.
final class StreamWriter: Sendable {
  /// What became of results that somebody waits for.
  enum Trouble: Equatable {
    case failed(errno: Int32)
    /// Somebody asked to stop while nobody read.
    case stopped
  }

  struct State {
    var waiting: [[UInt8]] = []
    /// That wait or are being written.
    var bytes = 0
    /// Counts writes that the system took, to see whether anybody reads.
    var progress = 0
    var dropped = 0
    /// Of those, how many the reader has not been told of.
    var untold = 0
    /// What the last write met.
    var failure: Int32?
    /// How long whoever says something may still be held up by a slow reader.
    var patience = StreamWriter.patience
    var thread = Thread.none
  }

  enum Thread { case none, running, impossible }

  let descriptor: Int32
  let state = Mutex(State())
  private let limit: Int
  private let arrival = DispatchSemaphore(value: 0)
  /// Makes the line that tells of dropped messages.
  private let note: @Sendable (Int) -> String

  /// A reader who is merely slow is waited for so long altogether, until he has caught up.
  static let patience = Duration.seconds(2)

  /// - Parameter limit: bytes that may wait.
  init(_ descriptor: Int32, limit: Int = .max, note: @escaping @Sendable (Int) -> String = { _ in "" }) {
    (self.descriptor, self.limit, self.note) = (descriptor, limit, note)
  }

  /// Messages that could not be told.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Takes a text to be written, or drops it.
  ///
  /// - Parameter isDecoration: not missed when there is no room or something waits.
  func say(_ text: String, isDecoration: Bool = false) {
    let bytes = Array(text.utf8)
    if isDecoration, state.withLock({ $0.bytes > 0 }) { return }
    waitForRoom(bytes.count)
    let isTaken = state.withLock { state in
      guard state.bytes == 0 || state.bytes + bytes.count <= limit else {
        state.dropped += 1
        state.untold += 1
        return false
      }
      state.add(bytes)
      return true
    }
    if isTaken { wake() }
  }

  /// Waits until all that was said is written, as long as somebody reads.
  ///
  /// - Parameters:
  ///   - idle: how long nothing may be read.
  ///   - most: how long altogether.
  /// - Returns: how many messages wait still.
  @discardableResult
  func flush(idle: Duration, most: Duration) -> Int {
    var pause = Pause()
    let start = ContinuousClock.now
    var (seen, since) = (-1, start)
    while true {
      writeWithoutThread()
      let (left, progress) = state.withLock { ($0.left, $0.progress) }
      if left == 0 { return 0 }
      let now = ContinuousClock.now
      if progress != seen { (seen, since) = (progress, now) }
      if since.duration(to: now) > idle || start.duration(to: now) > most { return left }
      pause.sleep()
    }
  }

  /// Writes results, however long the reader takes; but not when somebody asked to stop and nobody reads.
  ///
  /// - Returns: why they could not be written.
  func deliver(_ text: String, isStopped: () -> Bool) -> Trouble? {
    if let failure = state.withLock({ $0.failure }) { return .failed(errno: failure) }
    state.withLock { $0.add(Array(text.utf8)) }
    wake()
    var pause = Pause()
    var asked: ContinuousClock.Instant?
    while true {
      writeWithoutThread()
      let (isDone, failure) = state.withLock { ($0.bytes == 0, $0.failure) }
      if let failure { return .failed(errno: failure) }
      if isDone { return nil }
      if isStopped() {
        let since = asked ?? .now
        asked = since
        if since.duration(to: .now) > .seconds(1) { return .stopped }
      }
      pause.sleep()
    }
  }

  private func waitForRoom(_ bytes: Int) {
    var pause = Pause()
    while true {
      let start = ContinuousClock.now
      writeWithoutThread()
      let mayWait = state.withLock { $0.bytes > 0 && $0.bytes + bytes > limit && $0.patience > .zero }
      guard mayWait else { return }
      pause.sleep()
      state.withLock { $0.patience -= start.duration(to: .now) }
    }
  }
}

extension StreamWriter.State {
  /// Messages that are not written yet; the one that is being written counts.
  fileprivate var left: Int {
    if bytes > 0 { return max(1, waiting.count) }
    return untold > 0 && failure == nil ? 1 : 0
  }

  fileprivate mutating func add(_ bytes: [UInt8]) {
    waiting.append(bytes)
    self.bytes += bytes.count
  }
}

// MARK: - The thread

extension StreamWriter {
  private func wake() {
    state.withLock { state in
      if state.thread == .none { state.thread = start() ? .running : .impossible }
    }
    arrival.signal()
    writeWithoutThread()
  }

  /// - Returns: whether the system gave a thread.
  private func start() -> Bool {
    var (thread, attributes) = (pthread_t(), pthread_attr_t())
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 256 << 10)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // Standard streams live as long as the program.
    let context = Unmanaged.passRetained(self)
    let failure = pthread_create(
      &thread, &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<StreamWriter>.fromOpaque(context).takeUnretainedValue().writeForEver()
        return nil
      }, context.toOpaque())
    if failure != 0 { context.release() }
    return failure == 0
  }

  private func writeForEver() {
    // Signals are for the others: one that arrives here would only interrupt the wait for a reader.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    while true {
      while let text = next() { write(text) }
      arrival.wait()
    }
  }

  /// The next text. Where texts were dropped, the reader is told once all before them are written.
  private func next() -> [UInt8]? {
    state.withLock { state in
      if state.waiting.isEmpty, state.untold > 0, state.failure == nil {
        state.add(Array(note(state.untold).utf8))
        state.untold = 0
      }
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
  }

  private func write(_ text: [UInt8]) {
    var rest = text[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, min($0.count, 1 << 16)) }
      if count > 0 {
        rest = rest.dropFirst(count)
        took(count)
      } else if errno == EAGAIN {
        _ = isReady(milliseconds: -1)
      } else if errno != EINTR {
        return gaveUp(rest.count, errno)
      }
    }
  }

  private func took(_ count: Int) {
    state.withLock { state in
      state.bytes -= count
      state.progress += 1
      state.failure = nil
      if state.bytes == 0 { state.patience = Self.patience }
    }
  }

  /// A full disk, or a reader who went away: the text is lost, and the next one is tried.
  private func gaveUp(_ count: Int, _ failure: Int32) {
    state.withLock { state in
      state.bytes -= count
      state.progress += 1
      state.dropped += 1
      state.failure = failure
    }
  }

  private func isReady(milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  /// Where the system gives no thread, whoever speaks writes: only what the system says it takes at once.
  private func writeWithoutThread() {
    guard state.withLock({ $0.thread == .impossible }) else { return }
    while isReady(milliseconds: 0), let text = next() {
      let (now, later) = (Array(text.prefix(Self.atOnce)), Array(text.dropFirst(Self.atOnce)))
      if !later.isEmpty { state.withLock { $0.waiting.insert(later, at: 0) } }
      write(now)
    }
  }

  /// What a pipe takes as a whole when it says that it takes something (PIPE_BUF).
  private static let atOnce = 4096
}

/// Sleeps longer from time to time: short waits are the rule.
private struct Pause {
  private var microseconds: UInt32 = 20

  mutating func sleep() {
    usleep(microseconds)
    microseconds = min(10_000, microseconds * 2)
  }
}
