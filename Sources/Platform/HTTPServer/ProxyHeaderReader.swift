import HTTPFraming

/// Takes the PROXY protocol header off the beginning of a loop's connections, where their port requires one. What
/// follows may be TLS, so not a byte more is received: the header is looked at until it is whole, and then received by
/// itself. The set is edge-triggered, so a header that waits for its rest wakes nobody.
final class ProxyHeaderReader {
    enum Step {
        /// `isLast`: nothing has come behind it yet.
        case header(ProxyHeader, isLast: Bool)
        case waits
        /// The peer has left without a byte, as probes of a port do.
        case ended
        case refused(Refusal)
        /// There is a request in place of the header, so its sender understands an answer.
        case refusedRequest(Refusal)
        case failed
    }

    private let trusted: [AddressRange]
    /// With room for a byte that tells that something follows.
    private var buffer = [UInt8](repeating: 0, count: ProxyHeader.bytesMax + 1)

    init(trusted: [AddressRange]) { self.trusted = trusted }

    func trusts(_ peer: ClientAddress) -> Bool { trusted.contain(peer) }

    func read(from socket: Int32, isHalfClosed: Bool) -> Step {
        let peeked = buffer.withUnsafeMutableBytes { bytes -> Socket.Transfer in
            guard let base = bytes.baseAddress else { return .failed }
            return Socket.peek(socket, base, bytes.count)
        }
        switch peeked {
        case .bytes(0): return .ended
        case .bytes(let count): return step(of: count, from: socket, isHalfClosed)
        case .wouldBlock: return .waits
        case .failed: return .failed
        }
    }

    private func step(of count: Int, from socket: Int32, _ isHalfClosed: Bool) -> Step {
        do throws(Refusal) {
            guard let header = try ProxyHeader.parse(buffer.span.extracting(first: count)) else {
                return isHalfClosed ? .refused(.badProxyProtocol) : .waits
            }
            guard take(header.bytesCount, from: socket) else { return .failed }
            return .header(header, isLast: header.bytesCount == count)
        } catch {
            let isRequest =
                error == .proxyProtocolMissing && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(buffer[0])
            return isRequest ? .refusedRequest(error) : .refused(error)
        }
    }

    /// All of these bytes have come, so one call gets them.
    private func take(_ count: Int, from socket: Int32) -> Bool {
        let taken = buffer.withUnsafeMutableBytes { bytes -> Socket.Transfer in
            guard let base = bytes.baseAddress else { return .failed }
            return Socket.receive(socket, base, count)
        }
        if case .bytes(count) = taken { return true }
        return false
    }
}
