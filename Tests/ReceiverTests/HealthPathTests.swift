import HTTPServer
import Receiver
import TestSupport
import Testing

/// What a balancer's probe is told at the public port.
@Suite(.timeLimit(.minutes(1)))
struct HealthPathTests {
    private static func request(_ line: String) -> [UInt8] { Array("\(line) HTTP/1.1\r\nHost: a\r\n\r\n".utf8) }

    @Test(arguments: [
        ("GET /healthz", 200, "ready\n"), ("GET /healthz?from=probe", 200, "ready\n"), ("HEAD /healthz", 200, ""),
        ("GET /healthz/", 404, nil), ("GET /health", 404, nil), ("POST /healthz", 404, nil), ("GET /", 404, nil),
        ("GET /notion/webhooks", 405, nil),
    ])
    func `a probe is answered at its path, and nothing else is`(line: String, status: Int, body: String?) async throws {
        let edge = try await EdgeUnderTest.start()
        let answer = try await edge.answer(to: Self.request(line))
        #expect(answer.status == status)
        if let body { #expect(answer.body == body) }
        #expect(edge.logText.contains("delivery_refused") == (status != 200))
        await edge.stop()
    }

    @Test
    func `a replica that is about to stop fails its probes and takes deliveries`() async throws {
        let edge = try await EdgeUnderTest.start { $0.healthPath = "/up" }
        edge.edge.prepareToStop()
        let answer = try await edge.answer(to: Self.request("GET /up"))
        #expect(answer.status == 503 && answer.body == "not ready\n")
        #expect(try await edge.answer(to: HostileRequest.signed(HostileRequest.plain)).status == 200)
        await edge.stop()
    }
}
