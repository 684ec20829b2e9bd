import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers with bytes as they are given, and counts connections and requests. A request is
/// whatever ends with an empty line; none of them has a body.
final class RawAnswers: Sendable {
    enum Step: Sendable {
        case send(String)
        /// Until the test says that it goes on.
        case wait
        /// The same bytes again and again, until the client has gone.
        case flood(String, start: String)
        case close
    }

    struct Failure: Error {}

    let port: Int
    private let listener: Int32
    private let counts = Mutex((connections: 0, requests: 0))
    private let goOn = DispatchSemaphore(value: 0)
    /// Of those who wait, one has gone on and done its next step.
    private let wentOn = DispatchSemaphore(value: 0)

    init(_ script: @escaping @Sendable (_ request: Int) -> [Step]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        // Threads of their own: one that blocks on a queue would hold up every task of the process.
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                counts.withLock { $0.connections += 1 }
                Thread.detachNewThread { [self] in serve(client, script) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var connections: Int { counts.withLock(\.connections) }
    var requests: Int { counts.withLock(\.requests) }
    var url: String { "http://127.0.0.1:\(port)/" }

    /// Lets a script that waits go to its end.
    func proceed() {
        goOn.signal()
        wentOn.wait()
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32, _ script: (Int) -> [Step]) {
        defer { close(client) }
        var received: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(client, &bytes, bytes.count, 0), count > 0 {
            received += bytes[..<count]
            guard received.suffix(4).elementsEqual("\r\n\r\n".utf8) else { continue }
            received = []
            let number = counts.withLock { counts in
                counts.requests += 1
                return counts.requests
            }
            var hasWaited = false
            for step in script(number) {
                switch step {
                case .send(let text): send(text, to: client)
                case .wait:
                    goOn.wait()
                    hasWaited = true
                case .flood(let line, let start):
                    send(start, to: client)
                    while send(line, to: client) {}
                case .close: shutdown(client, Int32(SHUT_RDWR))
                }
            }
            if hasWaited { wentOn.signal() }
        }
    }

    @discardableResult
    private func send(_ text: String, to client: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
