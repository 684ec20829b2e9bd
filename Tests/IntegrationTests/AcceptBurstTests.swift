import CLinux
import Glibc
import HTTPServer
import TestSupport
import Testing

struct AcceptBurstTests {
    private static let count = 5000

    /// Both ends of each connection are this process's.
    private static var hasRoom: Bool {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit.rlim_cur >= rlim_t(2 * count + 1000)
    }

    @Test(.enabled(if: hasRoom, "the limit of open files is below 11,000"))
    func `five thousand clients that connect at once all get their answer`() throws {
        let address = try #require(ListenAddress("127.0.0.1:\(FreePort.next())"))
        var limits = Limits()
        limits.headDeadlineMilliseconds = 60_000
        let server = Server(address: address, limits: limits) { _ in NotFound() }
        try server.start()
        let clients = (0..<Self.count).map { _ in Self.connecting(to: server.port) }
        defer {
            for client in clients { close(client) }
        }
        #expect(clients.allSatisfy { $0 >= 0 })
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        var answered = 0
        for client in clients {
            // Writable is connected; a refused or reset one fails to send.
            guard Self.wait(client, POLLOUT), send(client, request, request.count, Int32(MSG_NOSIGNAL)) > 0 else {
                continue
            }
            answered += 1
        }
        #expect(answered == Self.count)
        answered = 0
        for client in clients {
            var answer: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 512)
            while Self.wait(client, POLLIN), case let count = recv(client, &bytes, bytes.count, 0), count > 0 {
                answer += bytes[..<count]
            }
            answered += answer.starts(with: Array("HTTP/1.1 404 ".utf8)) && answer.last == 0x78 ? 1 : 0
        }
        #expect(answered == Self.count)
        #expect(server.drain(within: .seconds(10)))
        #expect(server.counts.connectionsAccepted == Self.count)
    }

    /// From 127.0.0.2, so that thousands of ports of 127.0.0.1 are not taken from servers that come back to theirs.
    private static func connecting(to port: Int) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let client = socket(AF_INET, type, 0)
        var on: Int32 = 1
        setsockopt(client, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, 4)
        withAddress(0x7F00_0002, port: 0) { _ = bind(client, $0, $1) }
        withAddress(0x7F00_0001, port: port) { _ = connect(client, $0, $1) }
        return client
    }

    private static func withAddress(_ host: UInt32, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = host.bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// A client whose first packet met a full backlog tries again after a second.
    private static func wait(_ client: Int32, _ event: Int32) -> Bool {
        var entry = pollfd(fd: client, events: Int16(event), revents: 0)
        return poll(&entry, 1, 10_000) == 1 && Int32(entry.revents) & event != 0
    }
}

/// Turns every request down, in a few bytes.
private final class NotFound: ExchangeHandler {
    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        .refuse(ResponseHead(status: 404), [0x78])
    }
    func handle(_ request: borrowing Request, _ exchange: Exchange) {}
    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
    func abandoned(_ exchange: Exchange) {}
}
