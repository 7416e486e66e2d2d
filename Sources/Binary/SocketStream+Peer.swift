import Glibc

extension SocketStream {
  /// The process at the other end, when it is on this machine and can be found.
  public var peerProcess: Int32? {
    if let id = unixPeer { return id }
    guard let peer = port(ofPeer: true), peer.isLoopback, let own = port(ofPeer: false) else {
      return nil
    }
    return ProcessList.owner(ofPort: peer.number, connectedTo: own.number)
  }

  /// Who listened on the Unix socket (unix(7), SO_PEERCRED: process, user and group).
  private var unixPeer: Int32? {
    var credentials: [Int32] = [0, 0, 0]
    var size = socklen_t(12)
    // SAFETY: at most `size` bytes are written into the array of three Int32.
    let status = unsafe getsockopt(
      openDescriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
    return status == 0 && size == 12 && credentials[0] > 0 ? credentials[0] : nil
  }

  private func port(ofPeer: Bool) -> (number: UInt16, isLoopback: Bool)? {
    var bytes = [UInt8](repeating: 0, count: 128)
    var size = socklen_t(128)
    let status = unsafe bytes.withUnsafeMutableBytes { buffer in
      // SAFETY: at most `size` bytes are written into the buffer of 128, which is aligned for any
      // socket address by the array's allocation.
      let address = unsafe buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self)
      return unsafe ofPeer
        ? getpeername(openDescriptor, address, &size) : getsockname(openDescriptor, address, &size)
    }
    guard status == 0 else { return nil }
    // Family in the machine's order, port in the network's (ip(7), ipv6(7)).
    let family = Int32(bytes[0]) | Int32(bytes[1]) << 8
    let number = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    switch family {
    case AF_INET: return (number, bytes[4] == 127)
    case AF_INET6:
      let isOwn = bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
      let isMapped = bytes[18] == 0xff && bytes[19] == 0xff && bytes[20] == 127
      return (number, isOwn || isMapped)
    default: return nil
    }
  }
}
