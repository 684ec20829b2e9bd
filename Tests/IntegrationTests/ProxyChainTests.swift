import Foundation
import TestSupport
import Testing

/// The corpus through proxies: whatever they make of it, each request that reaches us has one answer, and nobody gets
/// another one's.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ProxyChainTests {
    /// One answer as it came back to the client.
    private struct Answer {
        let status: Int
        /// The number that our server gave the request; nil when the proxy itself answered.
        let number: Int?
        let body: String
        var isOfOtherVersion = false
    }

    @Test(.needsProgram("nginx"))
    func `behind nginx every request has its own answer`() async throws {
        try await check(.nginx)
    }

    @Test(.needsProgram("haproxy"))
    func `behind haproxy every request has its own answer`() async throws {
        try await check(.haproxy)
    }

    private func check(_ proxy: ProxyChain.Proxy) async throws {
        let chain = try await ProxyChain(proxy)
        var passed = 0
        var refusedByUs = 0
        for (index, row) in Framing.all.enumerated() {
            let before = chain.requests
            let marker = "GET /marker-\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answers = try await exchange(row.bytes + Array(marker.utf8), port: chain.port)
            let asked = Array(chain.requests[before.count...])
            if let only = answers.first, only.isOfOtherVersion {
                // nginx speaks HTTP/0.9, where an answer is nothing but its body; haproxy greets in HTTP/2.
                #expect(asked.isEmpty || answers.map(\.body) == asked, "\(row.name)")
                continue
            }
            // What we refused has an answer without a number, from us or from the proxy.
            let numbered = answers.filter { $0.number != nil }
            #expect(
                numbered.map(\.number) == Array((before.count + 1)..<(before.count + 1 + asked.count)),
                "\(row.name)"
            )
            for (answer, request) in zip(numbered, asked) where !request.hasPrefix("HEAD ") {
                #expect(answer.body == request, "\(row.name)")
            }
            passed += asked.isEmpty ? 0 : 1
            refusedByUs += answers.contains { $0.body.contains("\"error\":") } ? 1 : 0
            // The next client shares the connection behind the proxy, and must get its own.
            let own = "GET /own-\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let next = try await exchange(Array(own.utf8), port: chain.port)
            #expect(next.map(\.body) == ["GET /own-\(index) \"\""], "\(row.name)")
        }
        print(
            "\(proxy): \(Framing.all.count) framings, \(passed) with requests that reached us, "
                + "\(refusedByUs) refused by us behind it"
        )
        #expect(passed > 40)
        await chain.end()
    }

    /// Sends bytes and reads all answers until the proxy closes.
    private func exchange(_ bytes: [UInt8], port: Int) async throws -> [Answer] {
        let connection = try #require(LoopbackConnection(port: port))
        await connection.send(bytes)
        let (received, end) = await connection.receive(within: .seconds(5)) { _ in false }
        #expect(end == .closed || end == .reset)
        return answers(in: received)
    }

    private func answers(in bytes: [UInt8]) -> [Answer] {
        var answers: [Answer] = []
        if !bytes.isEmpty, !bytes.starts(with: Array("HTTP/".utf8)) {
            return [
                Answer(status: 200, number: nil, body: String(decoding: bytes, as: UTF8.self), isOfOtherVersion: true)
            ]
        }
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            rest = rest[end.upperBound...]
            guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { break }
            guard status != 100 else { continue }
            func field(_ name: String) -> String? {
                lines.first { $0.lowercased().hasPrefix(name + ":") }?.dropFirst(name.count + 1)
                    .trimmingCharacters(in: .whitespaces)
            }
            let count = min(rest.count, field("content-length").flatMap { Int($0) } ?? rest.count)
            let body = String(decoding: rest.prefix(count), as: UTF8.self)
            rest = rest.dropFirst(count)
            answers.append(Answer(status: status, number: field("x-request").flatMap { Int($0) }, body: body))
        }
        return answers
    }
}
