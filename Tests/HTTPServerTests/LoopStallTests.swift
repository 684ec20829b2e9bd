import Dispatch
import HTTPServer
import Testing

struct LoopStallTests {
    /// Blocks its loop until the test lets it go: what no handler may do.
    private final class BlockingHandler: ExchangeHandler {
        private let script: Script
        private let release: DispatchSemaphore

        init(script: Script, release: DispatchSemaphore) {
            self.script = script
            self.release = release
        }

        func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
            script.note("blocks")
            release.wait()
            return .refuse(ResponseHead(status: 404), [])
        }

        func handle(_ request: borrowing Request, _ exchange: Exchange) {}
        func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
        func abandoned(_ exchange: Exchange) {}
    }

    @Test
    func `a loop that a handler blocks is named, idle ones are not, and it is forgotten when it goes on`() throws {
        let script = Script()
        let release = DispatchSemaphore(value: 0)
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = Server(address: address, loops: 2) { _ in BlockingHandler(script: script, release: release) }
        #expect(server.stalls(longerThan: .zero, passed: .seconds(60)).isEmpty)
        try server.start()
        let client = try TestClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(script.wait(for: "blocks"))
        #expect(server.stalls(longerThan: .seconds(10)).isEmpty)
        let stalls = server.stalls(longerThan: .seconds(10), passed: .seconds(11))
        #expect(stalls.count == 1)
        #expect(try #require(stalls.first).duration >= .seconds(11))
        release.signal()
        #expect(try client.answer().status == 404)
        // The next turn of that loop has begun when its next answer is there.
        release.signal()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().status == 404)
        #expect(server.drain(within: .seconds(5)))
        #expect(server.stalls(longerThan: .zero, passed: .seconds(60)).isEmpty)
    }
}
