import HTTPClient
import Kafka
import OrderedConsumer
import TestSupport
import Testing

@testable import OutgoingWebhooks

@Suite
struct EventRequestTests {
    private static let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private static func record(_ headers: [(String, [UInt8]?)], value: [UInt8]? = [0x7B, 0x7D]) -> Record {
        Record(
            topic: "notion.events.v1",
            partition: 3,
            offset: 42,
            headers: headers.map { Record.Header(name: $0.0, value: $0.1) },
            value: value
        )
    }

    private static func request(_ event: EventRequest, signed: Bool = true) throws -> ClientRequest {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        return event.clientRequest(
            to: try TargetURL("https://example.com/events"),
            signer: signed ? try WebhookSigner([secret]) : nil,
            secondsSince1970: 1_614_265_330,
            timeout: .seconds(20),
            connection: 5
        )
    }

    private static func headers(_ headers: [(String, [UInt8]?)]) throws -> [String: String] {
        try Self.headers(of: record(headers))
    }

    private static func headers(of record: Record) throws -> [String: String] {
        let request = try request(EventRequest(record))
        return Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
    }

    @Test
    func `an event goes out whole`() throws {
        let record = Self.record(
            [
                ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array("msg_p5jXN8AQM9LWM0D4loKWxJek".utf8)),
                ("ce_source", Array("/notion/workspaces/1".utf8)), ("ce_type", Array("com.notion.page.created".utf8)),
                ("content-type", Array("application/json; charset=utf-8".utf8)),
                ("traceparent", Array(Self.traceparent.utf8)), ("relay-replay-id", Array("7".utf8)),
            ],
            value: Array(#"{"test": 2432232314}"#.utf8)
        )
        let event = EventRequest(record, attempt: 2, isLate: true, supersededIDs: ["a", "b,c"])
        let request = try Self.request(event)
        #expect(request.method == "POST" && request.url == "https://example.com/events")
        #expect(request.body == record.value && request.timeout == .seconds(20) && request.connection == 5)
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "content-type: application/json; charset=utf-8", "user-agent: notion-relay", "ce-specversion: 1.0",
                "ce-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "ce-source: /notion/workspaces/1",
                "ce-type: com.notion.page.created", "traceparent: \(Self.traceparent)", "relay-attempt: 2",
                "relay-late: true", "relay-superseded: a,b%2Cc", "relay-superseded-count: 2",
                "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ]
        )
    }

    @Test
    func `an event in time has no marks, and without a secret no signature`() throws {
        let request = try Self.request(EventRequest(Self.record([])), signed: false)
        #expect(
            request.headers.map(\.name) == [
                "content-type", "user-agent", "relay-attempt", "webhook-id", "webhook-timestamp",
            ]
        )
    }

    private static func replayed(_ id: String, count: Int = 3, of record: Record = record([])) -> Record {
        ReplayMark(id: id, count: count, topic: "t", place: RecordPlace(partition: 0, offset: 7)).applied(to: record)
    }

    @Test(arguments: [
        ("friday", "friday"), ("two words", "two%20words"), (String(repeating: "x", count: 128), nil),
        (String(repeating: "\u{E4}", count: 64), ""),
    ])
    func `a replayed event says so, under the event's own id`(id: String, expected: String?) throws {
        let record = Self.replayed(id, of: Self.record([("ce_id", Array("a-1".utf8))]))
        let headers = try Self.headers(of: record)
        #expect(headers["relay-replay-count"] == "3" && headers["webhook-id"] == "a-1")
        // What does not fit when it is encoded is left out.
        #expect(headers["relay-replay-id"] == (expected == "" ? nil : expected ?? id))
        #expect(headers["relay-replayed-from"] == nil)
    }

    @Test
    func `what only the relay says is not taken from a record`() throws {
        let names = [
            "relay-attempt", "relay-late", "relay-superseded", "relay-superseded-count", "webhook-id",
            "webhook-timestamp", "webhook-signature", "relay-dlq-topic", "relay-redrive-group", "user-agent",
        ]
        let found = try Self.headers(names.map { ($0, Array("forged".utf8)) })
        #expect(found["relay-attempt"] == "1" && !found.values.contains("forged"))
    }

    @Test(arguments: [
        ("relay-replay-id", "a\nb"), ("relay-replay-count", "0"), ("relay-replay-count", "1\r\nx: y"),
        ("relay-replayed-from", "t"),
    ])
    func `a mark that cannot be read is not passed on`(name: String, value: String) throws {
        var record = Self.replayed("friday")
        record.headers = record.headers.map { header in
            header.name == name ? Record.Header(name: name, value: Array(value.utf8)) : header
        }
        #expect(try Self.headers(of: record).keys.allSatisfy { !$0.hasPrefix("relay-replay") })
    }

    @Test(arguments: [
        ("a-1", "a-1"), ("a.b", "a%2Eb"), ("a b\n", "a%20b%0A"), ("", "notion%2Eevents%2Ev1-3-42"),
        (String(repeating: "\u{1}", count: 256), String(repeating: "%01", count: 256)),
        (String(repeating: "a", count: 769), "notion%2Eevents%2Ev1-3-42"),
    ])
    func `the webhook's id is the event's, or else the record's place`(id: String, expected: String) {
        #expect(EventRequest(Self.record([("ce_id", Array(id.utf8))])).webhookID == expected)
    }

    @Test(arguments: [nil, [0xFF, 0x61]])
    func `an id that is null or no UTF-8 is none`(id: [UInt8]?) throws {
        #expect(EventRequest(Self.record([("ce_id", id)])).webhookID == "notion%2Eevents%2Ev1-3-42")
        #expect(try Self.headers([("ce_id", id)])["ce-id"] == nil)
    }

    @Test(arguments: [
        ("ce_subject", "page/\u{E4} \"1\"\r\n", "ce-subject", "page/%C3%A4%20%221%22%0D%0A"),
        ("ce_a1", "x", "ce-a1", "x"),
    ])
    func `an attribute is encoded`(name: String, value: String, header: String, expected: String) throws {
        #expect(try Self.headers([(name, Array(value.utf8))])[header] == expected)
    }

    @Test(arguments: [
        "ce_", "ce_A", "ce_a-b", "ce_a b", "ce_a\r\nx: y", "ce_a:", "ce_\u{E4}", "ce_datacontenttype", "ce_data", "id",
        "CE_id", "x-forwarded-for", "webhook-id", "content-length", "ce_" + String(repeating: "a", count: 65),
    ])
    func `what is no attribute's name is left out`(name: String) throws {
        let plain = try Self.headers([])
        #expect(try Self.headers([(name, [0x78])]) == plain)
    }

    @Test(arguments: [nil, [], [0xC3], Array(repeating: 0x61, count: 1_025), Array(repeating: 0x20, count: 342)])
    func `a value that no header can carry is left out`(value: [UInt8]?) throws {
        #expect(try Self.headers([("ce_subject", value)])["ce-subject"] == nil)
    }

    @Test
    func `of a name that repeats the first counts`() throws {
        let headers = try Self.headers([("ce_id", [0x31]), ("ce_id", [0x32])])
        #expect(headers["ce-id"] == "1" && headers["webhook-id"] == "1")
    }

    @Test(arguments: [
        ("text/plain", "text/plain"), ("application/cloudevents+json", "application/cloudevents+json"),
        ("", "application/octet-stream"), ("json", "application/octet-stream"),
        ("a/b\r\nx: y", "application/octet-stream"), ("a/\u{E4}", "application/octet-stream"),
        (" a/b", "application/octet-stream"),
        ("a/" + String(repeating: "b", count: 255), "application/octet-stream"),
    ])
    func `a content type that could be misread becomes plain bytes`(value: String, expected: String) throws {
        #expect(try Self.headers([("content-type", Array(value.utf8))])["content-type"] == expected)
    }

    @Test(arguments: ["", "00-1-2-03", traceparent.uppercased(), traceparent + "\r\n", "ff" + traceparent.dropFirst(2)])
    func `a malformed trace context is left out`(value: String) throws {
        #expect(try Self.headers([("traceparent", Array(value.utf8))])["traceparent"] == nil)
    }

    @Test
    func `of many superseded events the newest are named, and all are counted`() throws {
        let ids = (0..<1_000).map { "id-\($0)" } + ["", "last"]
        let request = try Self.request(EventRequest(Self.record([]), supersededIDs: ids))
        let named = try #require(request.headers.first { $0.name == "relay-superseded" }?.value)
        let kept = named.split(separator: ",").map(String.init)
        #expect(named.utf8.count <= EventRequest.supersededBytesMax)
        #expect(kept.count > 100 && kept.last == "last")
        #expect(kept == ids.filter { !$0.isEmpty }.suffix(kept.count))
        #expect(request.headers.first { $0.name == "relay-superseded-count" }?.value == "1002")
    }

    @Test
    func `whatever a record holds, the request can be sent and its headers stay small`() throws {
        var random = SeededGenerator()
        let names = [
            "ce_id", "ce_type", "ce_subject", "ce_specversion", "ce_source", "content-type", "traceparent", "ce_x\r\n",
        ]
        for _ in 0..<100 {
            var headers: [(String, [UInt8]?)] = []
            for index in 0..<Int.random(in: 0...60, using: &random) {
                let name = Bool.random(using: &random) ? names.randomElement(using: &random) : "ce_x\(index)"
                let countMax = Bool.random(using: &random) ? 1_100 : 30
                headers.append((name ?? "", random.bytes(like: "az/-%\r\n", countMax: countMax)))
            }
            let ids = (0..<Int.random(in: 0...50, using: &random)).map { _ in
                String(decoding: random.bytes(like: "ab,\r\n", countMax: 60), as: UTF8.self)
            }
            let replay = String(repeating: "\u{E4}", count: Int.random(in: 1...64, using: &random))
            let record = Self.replayed(replay, count: .max, of: Self.record(headers))
            let event = EventRequest(record, attempt: 9, isLate: true, supersededIDs: ids)
            let request = try Self.request(event)
            #expect(Set(request.headers.map(\.name)).count == request.headers.count, "\(random)")
            #expect(
                request.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 } < 8_192,
                "\(random)"
            )
            for (name, value) in request.headers {
                #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
                #expect(!value.isEmpty && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "\(name) \(random)")
            }
        }
    }

    @Test
    func `strangers among the attributes cannot push out what every event must have`() throws {
        var headers: [(String, [UInt8]?)] = (0..<200).map { ("ce_x\($0)", Array(repeating: 0x61, count: 1_000)) }
        headers += ["ce_specversion", "ce_id", "ce_source", "ce_type"].map { ($0, Array(repeating: 0x62, count: 700)) }
        let found = try Self.headers(headers)
        for name in ["ce-specversion", "ce-id", "ce-source", "ce-type"] { #expect(found[name] != nil, "\(name)") }
        #expect(found.keys.filter { $0.hasPrefix("ce-x") }.count == 2)
    }
}
