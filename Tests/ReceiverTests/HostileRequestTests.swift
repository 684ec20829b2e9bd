import HTTPFraming
import NotionWebhooks
import Receiver
import TestSupport
import Testing

/// Each row of the table: status, connection kept or closed, what reaches the topics, and the metric.
@Suite(.timeLimit(.minutes(5)))
struct HostileRequestTests {
    @Test
    func `each hostile request gets its answer and leaves exactly its trace`() async throws {
        let edge = try await EdgeUnderTest.start()
        for row in HostileRequest.all {
            try await check(row, on: edge)
        }
        await edge.stop()
    }

    private func check(_ row: HostileRequest, on edge: EdgeUnderTest) async throws {
        let before = try await (edge.recordCount(EdgeUnderTest.events), edge.recordCount(EdgeUnderTest.deadLetters))
        let counted = edge.count(of: row.outcome)
        let connection = try edge.connect()
        await connection.send(row.bytes)
        if row.halfCloses { await connection.finishSending() }
        let answer = try await Answer.read(from: connection)
        #expect(answer.status == row.status, "\(row.name): \(answer.head)")
        if row.status >= 400 {
            #expect(answer.body.hasPrefix(#"{"error":"\#(row.outcome.rawValue)""#), "\(row.name): \(answer.body)")
        }
        #expect(edge.count(of: row.outcome) == counted + 1, "\(row.name): the metric of \(row.outcome)")

        await connection.send("GET /after HTTP/1.1\r\nHost: relay.example\r\n\r\n")
        switch row.connection {
        case .kept:
            #expect(try await Answer.read(from: connection).status == 404, "\(row.name): the connection is kept")
        case .closed:
            let (rest, end) = await connection.receiveAll(within: .seconds(10))
            #expect(rest.isEmpty, "\(row.name): nothing behind the refused bytes is answered")
            #expect(end == .closed || end == .reset, "\(row.name): the connection is closed")
        }
        let after = try await (edge.recordCount(EdgeUnderTest.events), edge.recordCount(EdgeUnderTest.deadLetters))
        #expect(after.0 - before.0 == (row.effect == .event ? 1 : 0), "\(row.name): events")
        #expect(after.1 - before.1 == (row.effect == .deadLetter ? 1 : 0), "\(row.name): dead letters")
    }

    @Test
    func `a slow header and a slow body are answered 408 and the connection is closed`() async throws {
        let edge = try await EdgeUnderTest.start { settings in
            settings.limits.headDeadlineMilliseconds = 200
            settings.limits.bodyDeadlineMilliseconds = 200
        }
        for text in [
            "POST /notion/webhooks HTTP/1.1\r\nHost: relay.example\r\n",
            "POST /notion/webhooks HTTP/1.1\r\nHost: relay.example\r\nContent-Length: 10\r\n\r\n12345",
        ] {
            let connection = try edge.connect()
            await connection.send(text)
            let (answer, end) = await connection.receiveAll(within: .seconds(10))
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(end == .closed)
        }
        #expect(edge.count(of: .slowRequest) == 2)
        #expect(try await edge.recordCount(EdgeUnderTest.events) == 0)
        await edge.stop()
    }

    @Test
    func `pipelined deliveries are answered in order`() async throws {
        let edge = try await EdgeUnderTest.start()
        let connection = try edge.connect()
        let ids = (0..<20).map { "3d653490-fc91-4c5c-a3ae-ef14\(10_000_000 + $0)" }
        let text = String(decoding: HostileRequest.plain, as: UTF8.self)
        let requests = ids.flatMap {
            HostileRequest.signed(Array(text.replacing(HostileRequest.eventID, with: $0).utf8))
        }
        await connection.send(requests + Array("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
        let (answers, _) = await connection.receiveAll()
        let found = answers.matches(of: /"id": "([0-9a-f-]{36})"/).map { String($0.output.1) }
        #expect(found == ids)
        #expect(answers.matches(of: /HTTP\/1.1 404/).count == 1)
        await edge.stop()
    }
}
