import COpenSSL
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.needsProgram("openssl"))
struct TLSTests {
    private let certificates: TestCertificates
    private let server: TestCertificates.Pair

    init() async throws {
        certificates = try await TestCertificates()
        server = try await certificates.certificate("server")
    }

    private func identity(clientCA: String? = nil) throws -> TLSIdentity {
        try TLSIdentity(TLSFiles(certificate: server.certificate, key: server.key, clientCA: clientCA))
    }

    private var trusting: TLSClientSession.Options {
        TLSClientSession.Options(authority: certificates.authority.certificate)
    }

    private let request = "GET /client HTTP/1.1\r\nHost: a\r\n\r\n"

    private func post(_ path: String, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `requests are served over both versions, and the connection is kept`(version: Int32) throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        var options = trusting
        options.lowest = version
        options.highest = version
        let client = try served.client(tls: options)
        for body in ["a", String(repeating: "b", count: 150_000), ""] {
            client.send(post("/echo", body))
            #expect(try client.answer().body == body)
        }
        let counts = served.server.counts
        #expect(counts.handshakesTLS12 == (version == TLS1_2_VERSION ? 1 : 0))
        #expect(counts.handshakesTLS13 == (version == TLS1_3_VERSION ? 1 : 0))
        #expect(counts.handshakesResumed == 0 && counts.handshakesFailed == 0)
        client.close()
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a handshake and requests that come byte by byte are understood`(version: Int32) throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        let proxy = try DribblingProxy(to: served.server.port)
        var options = trusting
        options.highest = version
        let client = try TestClient(port: proxy.port, tls: options)
        client.send(post("/echo", "first") + post("/echo", "second"))
        #expect(try client.answer().body == "first")
        #expect(try client.answer().body == "second")
        client.close()
        proxy.wait()
        #expect(served.server.counts.requests == 2)
    }

    @Test func `pipelined requests in one record are all answered`() throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        let client = try served.client(tls: trusting)
        client.send((0..<50).map { post("/echo", "n\($0)") }.joined())
        for number in 0..<50 {
            #expect(try client.answer().body == "n\(number)")
        }
        client.close()
    }

    @Test func `a slow reader gets a large answer whole`() throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        let client = try served.client(receiveBufferBytes: 2048, tls: trusting)
        client.send("GET /bytes/3000000 HTTP/1.1\r\nHost: a\r\n\r\n" + request)
        #expect(try client.answer().body == String(repeating: "x", count: 3_000_000))
        #expect(try client.answer().status == 200)
        client.close()
    }

    @Test func `a farewell after the request is answered, one within a body is truncation`() throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        let early = try served.client(tls: trusting)
        early.send(post("/echo", "whole"))
        early.finishSending()
        #expect(try early.answer().body == "whole")
        #expect(try early.rest() == "")
        let late = try served.client(tls: trusting)
        late.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
        late.finishSending()
        #expect(served.script.wait(for: "refused truncated"))
        late.close()
    }

    @Test func `HTTP 1.1 is agreed on, and a client that wants only others gets an alert`() throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        var options = trusting
        options.protocols = ["h2", "http/1.1"]
        let client = try served.client(tls: options)
        #expect(client.tls?.chosenProtocol == "http/1.1")
        client.close()
        options.protocols = ["h2", "http/1.0"]
        let failure = #expect(throws: TLSClientSession.Failure.self) { try served.client(tls: options) }
        #expect(failure?.reason.contains("no application protocol") == true)
        #expect(served.script.wait(for: "refused tls_handshake_failed"))
        #expect(served.server.counts.handshakesFailed == 1)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a session is resumed, on any loop`(version: Int32) throws {
        let served = try ScriptedServer(loops: 2, tls: identity())
        defer { served.stop() }
        var options = trusting
        options.highest = version
        for round in 0..<5 {
            let client = try served.client(tls: options)
            #expect(client.tls?.isResumed == (round > 0))
            client.send(request)
            #expect(try client.answer().status == 200)
            options.session = client.tls?.takeSession()
            client.close()
        }
        #expect(served.server.counts.handshakesResumed == 4)
    }

    @Test(arguments: [
        ("TLS 1.1", TLS1_VERSION, TLS1_1_VERSION, nil),
        ("CBC", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA"),
        ("no forward secrecy", TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256"),
        ("no authentication", TLS1_2_VERSION, TLS1_2_VERSION, "AECDH-AES128-SHA"),
    ])
    func `what is weak is refused`(what: String, lowest: Int32, highest: Int32, suites: String?) throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        var options = trusting
        options.lowest = lowest
        options.highest = highest
        options.suites = suites ?? "ALL"
        #expect(throws: TLSClientSession.Failure.self) { try served.client(tls: options) }
        #expect(served.script.wait(for: "refused tls_handshake_failed"))
    }

    @Test func `a client's certificate is verified and its subject known`() async throws {
        let client = try await certificates.certificate("billing")
        // An authority of the same name: a client shows only what the server has asked for by name.
        let others = try await TestCertificates()
        let stranger = try await others.certificate("stranger")
        defer { withExtendedLifetime(others) {} }
        let served = try ScriptedServer(tls: identity(clientCA: certificates.authority.certificate))
        defer { served.stop() }
        var options = trusting
        options.certificate = (client.certificate, client.key)
        // A ticket of a verified client keeps its subject.
        for _ in 0..<2 {
            let known = try served.client(tls: options)
            known.send("GET /subject HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try known.answer().body == "CN=billing,O=Tests")
            options.session = known.tls?.takeSession()
            known.close()
        }
        #expect(served.server.counts.handshakesResumed == 1)
        options.session = nil
        for certificate in [nil, (stranger.certificate, stranger.key)] {
            options.certificate = certificate
            // With TLS 1.3 the client learns of it after its own handshake is done.
            #expect(throws: (any Error).self) {
                let client = try served.client(tls: options)
                client.send("GET /subject HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try client.answer()
            }
        }
        #expect(served.script.wait(for: "because peer did not return a certificate"))
        #expect(served.script.wait(for: "because certificate verify failed"))
        #expect(served.script.events.count { $0 == "handle /subject" } == 2)
    }

    @Test func `plain HTTP to the TLS port is answered in plain, and TLS to the plain port is named`() throws {
        let served = try ScriptedServer(tls: identity())
        defer { served.stop() }
        let plain = try served.client()
        plain.send(request)
        let answer = try plain.answer()
        #expect(answer.status == 400 && answer.body == "{\"error\":\"plaintext_on_tls_port\"}")
        #expect(served.script.wait(for: "refused plaintext_on_tls_port"))
        let other = try ScriptedServer()
        defer { other.stop() }
        #expect(throws: TLSClientSession.Failure.self) { try other.client(tls: trusting) }
        #expect(other.script.wait(for: "refused tls_on_plain_port"))
    }

    @Test func `a handshake that takes too long ends, and a probe that says nothing is not counted`() throws {
        let served = try ScriptedServer(tls: identity()) { $0.handshakeDeadlineMilliseconds = 50 }
        defer { served.stop() }
        let probe = try served.client()
        probe.close()
        let slow = try served.client()
        slow.send([0x16, 0x03, 0x01])
        #expect(served.script.wait(for: "refused slow_handshake"))
        #expect(try slow.rest() == "")
        #expect(served.script.events == ["refused slow_handshake"])
        #expect(served.server.counts.handshakesFailed == 0)
    }

    @Test func `a drain answers what was asked and says farewell`() throws {
        let served = try ScriptedServer(tls: identity())
        let idle = try served.client(tls: trusting)
        idle.send(request)
        _ = try idle.answer()
        let waiting = try served.client(tls: trusting)
        waiting.send(post("/later", "kept"))
        #expect(served.script.wait(for: "handle /later"))
        let drained = Background { served.stop() }
        #expect(try idle.rest() == "", "an end without a farewell would have thrown")
        idle.close()
        served.bell.ring()
        let answer = try waiting.answer()
        #expect(answer.body == "kept" && answer.fields["connection"] == "close")
        #expect(try waiting.rest() == "")
        waiting.close()
        #expect(drained.value)
    }
}
