import CLinux
import Dispatch
import Glibc

/// A plain TCP connection to a port of this machine, for tests that say exactly which bytes are sent.
package final class LoopbackConnection: Sendable {
    private let descriptor: Int32
    private let queue: DispatchQueue

    /// Nil when nothing listens there.
    package init?(port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in(loopbackPort: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.queue = DispatchQueue(label: "loopback-\(descriptor)")
    }

    deinit { close(descriptor) }

    package func send(_ text: String) async { await send(Array(text.utf8)) }

    /// Sends all bytes; those that the other side no longer accepts are dropped.
    package func send(_ bytes: [UInt8]) async {
        await onQueue { descriptor in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Closes the sending half only.
    package func finishSending() async {
        await onQueue { _ = shutdown($0, Int32(SHUT_WR)) }
    }

    /// Resets the connection, once the kernel has accepted what was sent.
    package func reset() async {
        await onQueue { descriptor in
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            // Dissolving the association aborts it; the descriptor itself stays until `deinit`.
            var unspecified = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
            connect(descriptor, &unspecified, socklen_t(MemoryLayout.size(ofValue: unspecified)))
        }
    }

    /// What came until `enough` is satisfied, the other side closed, or the time was up.
    package func receive(
        within limit: Duration = .seconds(10),
        until enough: @escaping @Sendable ([UInt8]) -> Bool
    ) async -> (bytes: [UInt8], end: End) {
        await onQueue { descriptor in
            let clock = ContinuousClock()
            let deadline = clock.now + limit
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while !enough(bytes) {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let left = max(0, (deadline - clock.now).milliseconds)
                let ready = poll(&waiting, 1, Int32(clamping: left))
                if ready < 0, errno == EINTR { continue }
                guard ready > 0 else { return (bytes, .timedOut) }
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                if count == 0 { return (bytes, .closed) }
                guard count > 0 else { return (bytes, .reset) }
                bytes += buffer[..<count]
            }
            return (bytes, .satisfied)
        }
    }

    /// What came until the other side closed the connection or the time was up.
    package func receiveAll(within limit: Duration = .seconds(10)) async -> (text: String, end: End) {
        let (bytes, end) = await receive(within: limit) { _ in false }
        return (String(decoding: bytes, as: UTF8.self), end)
    }

    /// Why `receive` stopped.
    package enum End: Sendable {
        case satisfied
        case closed
        case reset
        case timedOut
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable (Int32) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body(self.descriptor)) }
        }
    }
}

extension LoopbackConnection {
    /// One GET request on a connection of its own; nil when nothing listens on the port or the answer is not HTTP.
    package static func get(port: Int, _ path: String) async -> (status: Int, body: String)? {
        guard let connection = LoopbackConnection(port: port) else { return nil }
        await connection.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        let (text, end) = await connection.receiveAll()
        guard end == .closed, let head = text.firstRange(of: "\r\n\r\n"),
            let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return (status, String(text[head.upperBound...]))
    }
}

extension Duration {
    package var milliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
