import CLinux
import HTTPServer
import Testing

struct ServerTests {
    private struct Refused: Error {}

    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1:8080"), ("0.0.0.0:0", "0.0.0.0:0"), ("localhost:1", "127.0.0.1:1"),
        ("[::1]:65535", "[::1]:65535"), ("[::]:80", "[::]:80"),
    ])
    func `an address is read`(_ text: String, description: String) {
        #expect(ListenAddress(text)?.description == description)
    }

    @Test(arguments: [
        "", ":8080", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+1", "127.0.0.1:65536", "127.0.0.1:80 ", "::1:80",
        "[127.0.0.1]:80", "example.org:80", "256.0.0.1:80",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `a port that is taken is named`() throws {
        let server = try ScriptedServer()
        let address = try #require(ListenAddress("127.0.0.1:\(server.server.port)"))
        let second = Server(address: address) { _ in throw Refused() }
        let error = #expect(throws: ServerError.self) { try second.start() }
        #expect(error?.description.contains("\(address)") == true)
        #expect(server.stop())
    }

    /// Answers nothing.
    private final class Silent: ExchangeHandler {
        func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
            .refuse(ResponseHead(status: 404), [])
        }
        func handle(_ request: borrowing Request, _ exchange: Exchange) {}
        func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
        func abandoned(_ exchange: Exchange) {}
    }

    @Test(arguments: [(1, 1), (1, 3), (3, 1), (3, 3)])
    func `no other server shares the port, whatever the loops of both`(_ loops: Int, _ others: Int) throws {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = Server(address: address, loops: loops) { _ in Silent() }
        try server.start()
        let taken = try #require(ListenAddress("127.0.0.1:\(server.port)"))
        let second = Server(address: taken, loops: others) { _ in Silent() }
        #expect(throws: ServerError.self) { try second.start() }
        #expect(server.drain(within: .seconds(1)))
        // The port is free at once.
        let third = Server(address: taken, loops: others) { _ in Silent() }
        try third.start()
        #expect(third.drain(within: .seconds(1)))
    }

    @Test func `no answer waits for the confirmation of the one before`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body == "x")
        let socket = try #require(client.serverSocket)
        var isOn: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        #expect(getsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, &length) == 0)
        #expect(isOn == 1)
        client.close()
        #expect(server.stop())
    }

    @Test func `a handler that cannot be made stops the start`() throws {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = Server(address: address, loops: 2) { _ in throw Refused() }
        #expect(throws: ServerError.self) { try server.start() }
        #expect(server.drain(within: .zero))
    }

    @Test func `a server listens on IPv6`() throws {
        let address = try #require(ListenAddress("[::1]:0"))
        let script = Script()
        let server = Server(address: address) { try ScriptedHandler(loop: $0, script: script, bell: Bell()) }
        // A machine without IPv6 has nothing to show here.
        guard (try? server.start()) != nil else { return }
        #expect(server.port > 0)
        #expect(server.drain(within: .seconds(1)))
    }
}
