import Foundation
import Kafka
import OrderedConsumer
import Synchronization
import TestSupport
import Testing

/// Notion does not promise that deliveries come in the order of their events. From the edge to the handler.
@Suite(.timeLimit(.minutes(3)))
struct ReorderWindowTests {
    private static let token = "secret_forTheReorderWindow"

    private struct Call: Sendable {
        let type: String
        let isLate: Bool
        /// From the record's time, which is that of its receipt, to the call.
        let afterReceipt: Duration
    }

    private func body(_ type: String, page: String, _ time: String) -> String {
        #"{"id":"\#(UUID().uuidString.lowercased())","timestamp":"\#(time)","type":"\#(type)","#
            + #""attempt_number":1,"entity":{"id":"\#(page)","type":"page"}}"#
    }

    private func calls(window: Duration) async throws -> [String: [Call]] {
        let topic = try await KeyedTopic(partitions: 3)
        let deadLetters = try await SharedKafka.topic("dead").name
        let edge = try RelayProcess.receive(
            kafka: topic.client.bootstrapServers[0],
            token: Self.token,
            arguments: ["--topic", topic.name, "--dead-letter-topic", deadLetters]
        )
        try await edge.waitUntilReady()
        let calls = Mutex<[String: [Call]]>([:])
        var settings = try topic.settings()
        settings.reorderWindow = window
        try await topic.consume(settings) { consumed in
            let type = consumed.record.headers.first { $0.name == "ce_type" }?.value ?? []
            let received = Double(consumed.record.timestampMilliseconds ?? 0) / 1000
            let call = Call(
                type: String(decoding: type, as: UTF8.self),
                isLate: consumed.isLate,
                afterReceipt: .seconds(Date.now.timeIntervalSince1970 - received)
            )
            calls.withLock { $0[String(decoding: consumed.record.key ?? [], as: UTF8.self), default: []].append(call) }
            return .done
        } _: { consumer in
            try await eventually(within: .seconds(20), "an assignment") {
                consumer.figures.partitions.count == 3 ? true : nil
            }
            for (type, page, time) in [
                ("page.content_updated", 1, "2026-10-06T09:00:01.000Z"), ("page.moved", 2, "2026-10-06T09:00:00.000Z"),
                ("page.created", 1, "2026-10-06T09:00:00.000Z"),
            ] {
                let page = "2f1d1674-a7fc-8581-93fb-dfdca3936e9\(page)"
                let delivery = SignedDelivery(token: Self.token, body: body(type, page: page, time))
                let connection = try #require(LoopbackConnection(port: edge.port))
                await connection.send(delivery.request(path: "/notion/webhooks", fields: ["Connection: close"]))
                #expect(await connection.receiveAll().text.hasPrefix("HTTP/1.1 200 "))
            }
            try await eventually(within: .seconds(20), "all calls") {
                calls.withLock { $0.values.reduce(0) { $0 + $1.count } } == 3 ? true : nil
            }
        }
        #expect(try await edge.terminate() == .exited(0))
        return calls.withLock { $0 }
    }

    @Test(.needsKafka)
    func `with a window the earlier event comes first, and nobody waits for longer than the window`() async throws {
        let calls = try await calls(window: .seconds(2))
        let page = try #require(calls["2f1d1674-a7fc-8581-93fb-dfdca3936e91"])
        #expect(page.map(\.type) == ["com.notion.page.created", "com.notion.page.content_updated"])
        #expect(page.allSatisfy { !$0.isLate })
        for call in calls.values.joined() {
            print("reorder window: \(call.type) \(call.afterReceipt) after its receipt")
            #expect(call.afterReceipt < .seconds(3))
        }
        #expect(page[1].afterReceipt > .seconds(1.9))
    }

    @Test(.needsKafka)
    func `without a window the earlier event is marked late`() async throws {
        let calls = try await calls(window: .zero)
        let page = try #require(calls["2f1d1674-a7fc-8581-93fb-dfdca3936e91"])
        #expect(page.map(\.type) == ["com.notion.page.content_updated", "com.notion.page.created"])
        #expect(page.map(\.isLate) == [false, true])
        #expect(calls.values.joined().allSatisfy { $0.afterReceipt < .seconds(1) })
    }
}
