import DurableIO
import Glibc

extension CrashDisk.State {
  /// A name in a folder, and what it names.
  struct Place {
    let folder: Int
    let name: String
    let node: Int?
  }

  func place(of path: String, in folder: Descriptor?) throws(SystemError) -> Place {
    var node = CrashDisk.rootNode
    if let folder, !path.hasPrefix("/") {
      guard let handle = handles[folder.number] else { throw SystemError(EBADF) }
      node = handle.node
    }
    let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
    guard let last = parts.last else { return Place(folder: node, name: ".", node: node) }
    for part in parts.dropLast() {
      guard let found = nodes[node] else { throw SystemError(ENOENT) }
      guard found.kind == .folder else { throw SystemError(ENOTDIR) }
      guard let next = found.entries[part] else { throw SystemError(ENOENT) }
      node = next
    }
    guard nodes[node]?.kind == .folder else { throw SystemError(ENOTDIR) }
    return Place(folder: node, name: last, node: nodes[node]?.entries[last])
  }

  mutating func create(_ node: Node, at place: Place) throws(SystemError) -> Int {
    let id = nextNode
    nextNode += 1
    nodes[id] = node
    nodes[place.folder]?.change(.set(place.name, node: id))
    return id
  }

  mutating func open(_ node: Int, appends: Bool) -> Descriptor {
    defer { nextHandle += 1 }
    handles[nextHandle] = CrashDisk.Handle(node: node, appends: appends)
    return Descriptor(nextHandle)
  }

  func node(of file: Descriptor) throws(SystemError) -> Node {
    guard let handle = handles[file.number], let node = nodes[handle.node] else { throw SystemError(EBADF) }
    return node
  }

  mutating func change(_ file: Descriptor, _ body: (inout Node) -> Void) throws(SystemError) {
    guard let handle = handles[file.number], var node = nodes[handle.node] else { throw SystemError(EBADF) }
    body(&node)
    nodes[handle.node] = node
  }

  func status(of id: Int) throws(SystemError) -> FileStatus {
    guard let node = nodes[id] else { throw SystemError(ENOENT) }
    return FileStatus(
      kind: node.kind == .file ? .file : .folder, identity: .init(device: 1, inode: UInt64(id)),
      size: node.bytes.count)
  }
}

// What tests see of the tree, beside the calls.
extension CrashDisk {
  /// Every file by its path from the root, `/out/a.nii`.
  package var files: [String: [UInt8]] {
    withState { state in
      var files: [String: [UInt8]] = [:]
      var waiting = [("", CrashDisk.rootNode)]
      while let (path, id) = waiting.popLast() {
        for (name, child) in state.nodes[id]?.entries ?? [:] {
          guard let node = state.nodes[child] else { continue }
          if node.kind == .file {
            files["\(path)/\(name)"] = node.bytes
          } else {
            waiting.append(("\(path)/\(name)", child))
          }
        }
      }
      return files
    }
  }

  package func mode(of path: String) -> UInt32? {
    withState { state in
      guard let place = try? state.place(of: path, in: nil), let id = place.node else { return nil }
      return state.nodes[id]?.mode
    }
  }

  package var openDescriptors: Int { withState { $0.handles.count } }

  /// Someone else overwrites, makes or (with nil) removes a file, durably.
  package func tamper(_ path: String, with bytes: [UInt8]?) {
    withState { state in
      guard let place = try? state.place(of: path, in: nil) else { return }
      guard let bytes else {
        state.nodes[place.folder]?.change(.remove(place.name))
        state.nodes[place.folder]?.sync()
        return
      }
      guard let id = try? place.node ?? state.create(Node(.file, mode: 0o644), at: place) else { return }
      state.nodes[id]?.bytes = bytes
      state.nodes[id]?.sync()
      state.nodes[place.folder]?.sync()
    }
  }
}
