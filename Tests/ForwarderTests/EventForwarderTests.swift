import Forwarder
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import OutgoingWebhooks
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventForwarderTests {
    private static func consumed(_ type: String, failures: Int = 0) -> ConsumedRecord {
        let headers = [("ce_id", "a-1"), ("ce_type", type)].map { Record.Header(name: $0, value: Array($1.utf8)) }
        let record = Record(topic: "t", partition: 0, offset: 7, headers: headers, value: Array("{}".utf8))
        return ConsumedRecord(record, attempt: failures + 1)
    }

    private static func forwarder(_ service: ScriptedService, _ metrics: MetricRegistry) throws -> EventForwarder {
        let settings = ServiceSettings(target: try TargetURL(service.url), signer: nil)
        let types = try #require(TypePatterns(["page.*"]))
        return try EventForwarder(ForwarderSettings(settings, types: types), metrics: metrics, now: { 0 })
    }

    private static func text(_ metrics: MetricRegistry) -> String {
        String(decoding: metrics.exposition(), as: UTF8.self)
    }

    @Test
    func `what an answer means becomes the handler's verdict, and is counted`() async throws {
        let service = try ScriptedService { request in
            switch request.number {
            case 1: .status(204)
            case 2: .status(503, retryAfter: "7")
            default: .status(410)
            }
        }
        let metrics = MetricRegistry()
        let forwarder = try Self.forwarder(service, metrics)
        defer { forwarder.close() }
        #expect(await forwarder.forward(Self.consumed("com.notion.page.created")) == .done)
        #expect(
            await forwarder.forward(Self.consumed("com.notion.page.created", failures: 2))
                == .hold("the service answered 503", after: .seconds(7))
        )
        let gone = await forwarder.forward(Self.consumed("com.notion.page.created"))
        guard case .deadLetter(DeadLetterReason("gone"), _) = gone else { throw TimeoutError(description: "\(gone)") }
        #expect(service.requests.map { $0.headers["relay-attempt"] } == ["1", "3", "1"])
        let shown = Self.text(metrics)
        for line in [
            #"notion_relay_forward_requests_total{result="2xx"} 1"#,
            #"notion_relay_forward_requests_total{result="4xx"} 1"#,
            #"notion_relay_forward_requests_total{result="5xx"} 1"#,
            "notion_relay_forward_requests_in_flight 0", "notion_relay_forward_request_duration_seconds_count 3",
        ] {
            #expect(shown.contains(line + "\n"), "\(line)")
        }
    }

    @Test
    func `events of other types are skipped, without a request`() async throws {
        let service = try ScriptedService { _ in .status(204) }
        let forwarder = try Self.forwarder(service, MetricRegistry())
        defer { forwarder.close() }
        #expect(await forwarder.forward(Self.consumed("com.notion.comment.created")) == .skip)
        #expect(service.requests.isEmpty)
    }

    @Test
    func `the limit is told at once and when it changes`() async throws {
        let service = try ScriptedService { _ in .status(503) }
        let metrics = MetricRegistry()
        let forwarder = try Self.forwarder(service, metrics)
        defer { forwarder.close() }
        let limits = Mutex<[Int]>([])
        forwarder.followLimit { limit in limits.withLock { $0.append(limit) } }
        _ = await forwarder.forward(Self.consumed("com.notion.page.created"))
        #expect(limits.withLock(\.self) == [4, 2])
        #expect(Self.text(metrics).contains("notion_relay_forward_requests_limit 2\n"))
    }
}
