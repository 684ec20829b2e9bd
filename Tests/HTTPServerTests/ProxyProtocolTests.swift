import Foundation
import TestSupport
import Testing

@testable import HTTPServer

/// A listener that requires a PROXY protocol header, by real connections. The tests' own address is the trusted proxy.
struct ProxyProtocolTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static func line(_ client: String, port: Int = 4711) -> [UInt8] {
        Array("PROXY TCP4 \(client) 127.0.0.1 \(port) 80\r\n".utf8)
    }

    /// Version 2, with a TLV of as many bytes.
    private static func binary(_ client: [UInt8], tlvBytes: Int = 0) -> [UInt8] {
        let tlv =
            tlvBytes == 0
            ? [] : [4, UInt8(tlvBytes >> 8), UInt8(tlvBytes & 255)] + [UInt8](repeating: 0, count: tlvBytes)
        let count = 12 + tlv.count
        return signature + [0x21, 0x11, UInt8(count >> 8), UInt8(count & 255)] + client + [
            127, 0, 0, 1, 0x12, 0x67, 0, 80,
        ] + tlv
    }

    private static let local = signature + [0x20, 0, 0, 0]

    private func server(
        at address: String? = nil,
        loops: Int = 1,
        tls: TLSIdentity? = nil,
        trusted: [String] = ["127.0.0.1"],
        _ adjust: (inout Limits) -> Void = { _ in }
    ) throws -> ScriptedServer {
        try ScriptedServer(
            at: address ?? "127.0.0.1:\(FreePort.next())",
            loops: loops,
            tls: tls,
            trustedProxies: trusted.compactMap(AddressRange.init),
            requiresProxyHeader: true,
            adjust
        )
    }

    private func ask(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8) }

    static let named: [(header: [UInt8], client: String)] = [
        (line("192.0.2.7"), "192.0.2.7:4711"), (binary([192, 0, 2, 7]), "192.0.2.7:4711"),
        (binary([192, 0, 2, 7], tlvBytes: 4081), "192.0.2.7:4711"),
        (Array("PROXY TCP6 2001:db8::7 ::1 4711 80\r\n".utf8), "[2001:db8:0:0:0:0:0:7]:4711"),
        (Array("PROXY TCP6 ::ffff:192.0.2.7 ::1 4711 80\r\n".utf8), "192.0.2.7:4711"),
    ]

    @Test(arguments: named.indices)
    func `the client is who the header names, however many requests come with it`(_ index: Int) throws {
        let (header, expected) = Self.named[index]
        let server = try server()
        let client = try server.client()
        client.send(header + ask("/client") + ask("/client"))
        for _ in 0..<2 { #expect(try client.answer().body == expected) }
        client.send(ask("/client"))
        #expect(try client.answer().body == expected)
        client.close()
        #expect(server.stop())
        #expect(server.server.counts.bytesIn == header.count + 3 * ask("/client").count)
    }

    @Test(arguments: named.indices)
    func `a header that comes byte by byte is understood`(_ index: Int) throws {
        let (header, expected) = Self.named[index]
        let server = try server()
        let proxy = try DribblingProxy(to: server.server.port)
        let client = try TestClient(port: proxy.port)
        client.send(header + ask("/client"))
        #expect(try client.answer().body == expected)
        client.close()
        proxy.wait()
        #expect(server.stop())
    }

    @Test(arguments: [
        local, Array("PROXY UNKNOWN\r\n".utf8), signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 0, count: 216),
    ])
    func `a connection that is the proxy's own, or of nobody known, has the proxy's address`(header: [UInt8]) throws {
        let server = try server()
        let client = try server.client()
        client.send(header + ask("/client"))
        #expect(try client.answer().body.hasPrefix("127.0.0.1:"))
        client.close()
        #expect(server.stop())
    }

    @Test func `a request whose sender has ended its side is answered`() throws {
        let server = try server()
        let client = try server.client()
        client.send(Self.line("192.0.2.7") + ask("/client"))
        client.finishSending()
        #expect(try client.answer().body == "192.0.2.7:4711")
        #expect(try client.rest() == "")
        #expect(server.stop())
    }

    @Test func `behind a Unix socket the proxy is trusted by that name`() throws {
        let folder = try TemporaryDirectory("socket")
        let server = try server(at: "unix:\(folder.file("edge.sock"))", trusted: ["unix"])
        let client = try TestClient(path: folder.file("edge.sock"))
        client.send(Self.binary([192, 0, 2, 7]) + ask("/client"))
        #expect(try client.answer().body == "192.0.2.7:4711")
        client.close()
        #expect(server.stop())
    }

    @Test func `a peer that is not trusted is closed at once, whatever it sends`() throws {
        let server = try server(trusted: ["192.0.2.0/24"])
        let client = try server.client()
        client.send(Self.line("192.0.2.7") + ask("/client"))
        #expect(try client.rest() == "")
        #expect(server.script.wait(for: "refused proxy_protocol_untrusted"))
        #expect(server.stop())
        #expect(server.script.events == ["refused proxy_protocol_untrusted"])
        #expect(server.server.counts.connectionsAccepted == 0)
    }

    @Test(arguments: [
        "GET /client HTTP/1.1\r\nHost: a\r\n\r\n", "POST /echo HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func `a request without a header is answered with what is missing`(_ request: String) throws {
        let server = try server()
        let client = try server.client()
        client.send(request)
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(answer.body == "{\"error\":\"proxy_protocol_missing\"}")
        #expect(try client.rest() == "")
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["refused proxy_protocol_missing"])
    }

    @Test(arguments: [
        ([0x16, 3, 1, 2, 0, 1], "proxy_protocol_missing"), ([0], "proxy_protocol_missing"),
        (line("192.0.2.256"), "bad_proxy_protocol"), (signature + [0x21, 0x11, 0xFF, 0xFF], "bad_proxy_protocol"),
        (Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x78, count: 200), "bad_proxy_protocol"),
    ])
    func `anything else in place of a header closes the connection without an answer`(
        bytes: [UInt8],
        reason: String
    ) throws {
        let server = try server()
        let client = try server.client()
        client.send(bytes)
        #expect(try client.rest() == "")
        #expect(server.stop())
        #expect(server.script.events == ["refused \(reason)"])
        #expect(server.server.counts.connectionsOpen == 0)
    }

    @Test func `a header that ends with its sender is malformed, and a sender of nothing is no error`() throws {
        let server = try server()
        let cut = try server.client()
        cut.send(Array("PROXY TCP4 192.0.2".utf8))
        cut.finishSending()
        #expect(try cut.rest() == "")
        let probe = try server.client()
        probe.finishSending()
        #expect(try probe.rest() == "")
        #expect(server.stop())
        #expect(server.script.events == ["refused bad_proxy_protocol"])
    }

    @Test(arguments: [0, 5, 20])
    func `the deadline of a head is that of its header too`(bytes: Int) throws {
        let server = try server { $0.headDeadlineMilliseconds = 150 }
        let client = try server.client()
        client.send(Array(Self.binary([192, 0, 2, 7]).prefix(bytes)))
        #expect(try client.rest() == "")
        #expect(server.stop())
        #expect(server.server.counts.connectionsExpired == 1)
        #expect(server.script.events == (bytes == 0 ? [] : ["refused slow_head"]))
    }

    @Test func `a second header is no request`() throws {
        let server = try server()
        let client = try server.client()
        client.send(Self.line("192.0.2.7") + Self.line("192.0.2.8") + ask("/client"))
        #expect(try client.answer().body == "{\"error\":\"proxy_protocol\"}")
        client.close()
        #expect(server.stop())
    }

    @Test func `clients are limited and counted by the address that is named, and given back once`() throws {
        let server = try server(loops: 2) { $0.connectionsPerAddressMax = 2 }
        func connect(_ client: String) throws -> TestClient {
            let connection = try server.client()
            connection.send(Self.line(client) + ask("/bytes/1"))
            return connection
        }
        let first = try (0..<2).map { _ in try connect("192.0.2.7") }
        for client in first { #expect(try client.answer().body == "x") }
        let beyond = try connect("192.0.2.7")
        #expect(try beyond.rest() == "")
        #expect(server.script.wait(for: "refused too_many_connections"))
        // Others have a limit of their own, and so has the proxy none.
        let other = try connect("192.0.2.8")
        #expect(try other.answer().body == "x")
        let own = try (0..<5).map { _ in try server.client() }
        for client in own {
            client.send(Self.local + ask("/bytes/1"))
            #expect(try client.answer().body == "x")
        }
        first[0].close()
        // The server notices in its own time: a client that is turned away comes again, as any would.
        var next = try connect("192.0.2.7")
        while try next.answerIfAny() == nil { next = try connect("192.0.2.7") }
        // One place has become free, not two.
        let again = try connect("192.0.2.7")
        #expect(try again.rest() == "")
        for client in first + own + [other, next] { client.close() }
        #expect(server.stop())
        #expect(server.server.counts.connectionsOpen == 0)
    }

    @Test func `a named client that is a trusted proxy itself has no limit`() throws {
        let server = try server(trusted: ["127.0.0.1", "192.0.2.0/24"]) { $0.connectionsPerAddressMax = 1 }
        let clients = try (0..<4).map { _ in try server.client() }
        for client in clients {
            client.send(Self.line("192.0.2.7") + ask("/bytes/1"))
            #expect(try client.answer().body == "x")
        }
        for client in clients { client.close() }
        #expect(server.stop())
    }

    @Test func `a stop answers what has come behind a header, and waits for no header`() throws {
        let server = try server()
        let silent = try server.client()
        let partial = try server.client()
        partial.send(Array("PROXY".utf8))
        let waiting = try server.client()
        waiting.send(Self.line("192.0.2.7") + ask("/later"))
        #expect(server.script.wait(for: "handle /later"))
        let stop = Background { server.stop() }
        #expect(try silent.rest() == "")
        #expect(try partial.rest() == "")
        server.bell.ring()
        #expect(try waiting.answer().status == 200)
        waiting.close()
        #expect(stop.value)
    }
}

/// The same before TLS.
@Suite(.needsProgram("openssl"))
struct ProxyProtocolTLSTests {
    private let certificates: TestCertificates
    private let pair: TestCertificates.Pair

    init() async throws {
        certificates = try await TestCertificates()
        pair = try await certificates.certificate("server")
    }

    private func server(requires: Bool = true, _ adjust: (inout Limits) -> Void = { _ in }) throws -> ScriptedServer {
        try ScriptedServer(
            tls: TLSIdentity(TLSFiles(certificate: pair.certificate, key: pair.key, clientCA: nil)),
            trustedProxies: [#require(AddressRange("127.0.0.1"))],
            requiresProxyHeader: requires,
            adjust
        )
    }

    private var trusting: TLSClientSession.Options {
        TLSClientSession.Options(authority: certificates.authority.certificate)
    }

    private let line = Array("PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n".utf8)
    private let request = "GET /client HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [false, true])
    func `TLS begins behind the header, also in single bytes`(dribbles: Bool) throws {
        let server = try server()
        let proxy = dribbles ? try DribblingProxy(to: server.server.port) : nil
        let client = try TestClient(port: proxy?.port ?? server.server.port)
        client.send(line)
        try client.beginTLS(trusting)
        for _ in 0..<2 {
            client.send(request)
            #expect(try client.answer().body == "192.0.2.7:4711")
        }
        client.close()
        proxy?.wait()
        #expect(server.stop())
        #expect(server.server.counts.handshakesFailed == 0)
    }

    @Test func `behind the header the handshake has its own deadline`() throws {
        let server = try server { $0.handshakeDeadlineMilliseconds = 150 }
        let client = try server.client()
        client.send(line)
        #expect(try client.rest() == "")
        #expect(server.stop())
        #expect(server.script.events == ["refused slow_handshake"])
    }

    @Test func `plain HTTP behind the header is told so`() throws {
        let server = try server()
        let client = try server.client()
        client.send(line + Array(request.utf8))
        #expect(try client.answer().body == "{\"error\":\"plaintext_on_tls_port\"}")
        client.close()
        #expect(server.stop())
    }

    @Test(arguments: ["PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n", "\r\n\r\n\u{0}\r\nQUIT\n\u{20}\u{0}\u{0}\u{0}"])
    func `a header that nobody asked for is named at a port with TLS`(_ header: String) throws {
        let server = try server(requires: false)
        let client = try server.client()
        client.send(header)
        _ = try client.rest()
        #expect(server.script.wait(for: "refused proxy_protocol"))
        #expect(server.stop())
    }
}
