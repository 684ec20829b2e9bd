import Foundation
import Kafka
import NotionEvents
import NotionWebhooks
import OrderedConsumer
import Subscriptions
import Testing

@testable import Replayer

/// A record as our code writes it, and the message of the AsyncAPI document that it is one of.
struct WrittenRecord {
    let message: String
    let record: Kafka.Record

    static let group = "search"
    private static let time: Int64 = 1_790_000_000_123

    /// At least one of each message that is written.
    static func all() throws -> [WrittenRecord] {
        try events() + deadLetters() + subscriptions() + groupDeadLetters() + groupRedrives() + state() + checkpoints()
    }

    /// An event's header text as an object of names and texts.
    var headers: [String: String] {
        Dictionary(
            uniqueKeysWithValues: record.headers.map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
        )
    }

    private static func published(isSigned: Bool, mode: ContentMode = .binary) throws -> [Kafka.Record] {
        let deliveries = try SchemaFolder.examples(of: "notion-delivery", areValid: true)
        return try deliveries.filter { $0.kind != "handshake" }.map { delivery in
            let event = try PublishedEvent(delivery.bytes, isSigned: isSigned, mode: mode)
            return Kafka.Record(
                topic: Topics.events,
                partition: 3,
                offset: 41,
                timestampMilliseconds: time,
                key: event.key,
                headers: event.headers.map { .init(name: $0.name, value: $0.value) },
                value: event.value
            )
        }
    }

    private static func events() throws -> [WrittenRecord] {
        try ContentMode.allCases.flatMap(events)
    }

    private static func events(_ mode: ContentMode) throws -> [WrittenRecord] {
        let signed = try published(isSigned: true, mode: mode)
        let one = try #require(signed.first)
        let place = RecordPlace(partition: 3, offset: 41)
        let drained = RecordPlace(partition: 3, offset: 7)
        let records = [
            ReplayMark(id: "friday", count: 1, topic: Topics.events, place: place).applied(to: one),
            RedriveMark(group: group, run: "4f1e", count: 2, origin: place, drained: drained).applied(to: one),
        ]
        let message = mode == .binary ? "Event" : "StructuredEvent"
        return try (signed + published(isSigned: false, mode: mode) + records).map {
            WrittenRecord(message: message, record: $0)
        }
    }

    private static func deadLetters() throws -> [WrittenRecord] {
        try DeliveryError.allCases.flatMap { reason in
            try [true, false].map { isSigned in
                let headers = try DeadLetterHeaders.of(reason, isSigned: isSigned)
                let record = Kafka.Record(
                    topic: Topics.deadLetter,
                    key: isSigned ? Array("e".utf8) : nil,
                    headers: headers.map { .init(name: $0.key, value: Array($0.value.utf8)) },
                    value: [0xFF]
                )
                return WrittenRecord(message: "DeadLetter", record: record)
            }
        }
    }

    private static func subscriptions() throws -> [WrittenRecord] {
        let token = try #require(VerificationToken("secret_schemas"))
        let keys = SealingKeys([.generate()])
        let name = SubscriptionName("harbour")
        let use = TokenUse(
            subscriptionID: "s",
            workspaceID: "w",
            workspaceName: "Harbour Studio",
            integrationID: "",
            firstAt: time,
            lastAt: time
        )
        let handshake = ReceivedHandshake(name: name, client: "192.0.2.7", receivedAt: time, expiresAt: time)
        let records: [(String, SubscriptionRecord)] = [
            ("Handshake", .handshake(handshake, token)),
            ("Subscription", .subscription(Subscription(name: name, activatedAt: time, retiresAt: time), token)),
            ("Use", .use(use, of: Fingerprint(token))),
            ("Gone", .gone(.handshake(Fingerprint(token)))),
        ]
        return records.map {
            WrittenRecord(message: $0.0, record: $0.1.record(in: Topics.subscriptions, sealedWith: keys))
        }
    }

    private static func groupDeadLetters() throws -> [WrittenRecord] {
        let topics = try GroupTopics(topic: Topics.events, group: group)
        var records = Array(try published(isSigned: true).prefix(3))
        let place = RecordPlace(partition: 1, offset: 2)
        records[1] = ReplayMark(id: "friday", count: 1, topic: Topics.events, place: place).applied(to: records[1])
        records[2].timestampMilliseconds = nil
        records += try published(isSigned: false).prefix(1)
        records.append(records[0])
        return zip(records, [true, true, false, false, false]).enumerated().map { index, next in
            let (original, withSpringHeaders) = next
            var letter = DeadLetter(
                of: original,
                group: group,
                reason: withSpringHeaders ? .attempts : .parked,
                message: withSpringHeaders ? "503 from the service" : "",
                attempts: withSpringHeaders ? 10 : 0,
                firstFailureMilliseconds: time,
                lastFailureMilliseconds: time
            )
            if index == 4 { letter.omittedValueBytes = original.value?.count }
            let record = letter.record(
                from: original,
                to: topics.deadLetters,
                withSpringHeaders: withSpringHeaders
            )
            return WrittenRecord(message: "GroupDeadLetter", record: record)
        }
    }

    private static func groupRedrives() throws -> [WrittenRecord] {
        let topics = try GroupTopics(topic: Topics.events, group: group)
        let (place, known) = (RecordPlace(partition: 3, offset: 41), RecordPlace(partition: 3, offset: 7))
        let signed = try #require(try published(isSigned: true).first)
        let unsigned = try #require(try published(isSigned: false).first)
        let replayed = ReplayMark(id: "friday", count: 1, topic: Topics.events, place: place).applied(to: signed)
        let mark = RedriveMark(group: group, run: "4f1e", count: 2, origin: place, drained: known, known: known)
        let free = RedriveMark(group: group, run: "4f1e", count: 1, origin: place)
        return [mark.applied(to: replayed), free.applied(to: unsigned)].map { record in
            var record = record
            record.topic = topics.redrives
            return WrittenRecord(message: "RedrivenEvent", record: record)
        }
    }

    private static func state() throws -> [WrittenRecord] {
        let topics = try GroupTopics(topic: Topics.events, group: group)
        var parked = ParkedKey(
            topic: Topics.events,
            key: Array("260d1674".utf8),
            partition: 3,
            offset: 41,
            reason: .attempts,
            parkedAtMilliseconds: time
        )
        var entries: [(String, StateEntry)] = [("ParkedKey", .parked(parked))]
        (parked.id, parked.deadLetterPartition, parked.lastDeadLetter) = ("e", 3, 7)
        (parked.blockedRun, parked.blockedAt, parked.redrivenRun) = ("4f1e", 7, "4f1f")
        let many = (1...2000).map { Int64($0) * 2...Int64($0) * 2 }
        entries += [
            ("ParkedKey", .parked(parked)),
            ("RedrivenOffsets", .redriven(partition: 3, CompletedOffsets(next: 4, ranges: [7...9]))),
            ("RedrivenOffsets", .redriven(partition: 3, CompletedOffsets(ranges: many), lastFailure: time)),
            ("Pause", .paused(Pause(sinceMilliseconds: time))),
            ("Pause", .paused(Pause(sinceMilliseconds: time, by: "on call"))),
            ("Gone", .gone(.paused)),
        ]
        return entries.map { WrittenRecord(message: $0.0, record: $0.1.record(to: topics.state)) }
    }

    private static func checkpoints() throws -> [WrittenRecord] {
        let request = ReplayRequest(topic: Topics.events, window: .last(10), target: .topic("rebuild"))
        let options = try ReplayOptions(client: ClientSettings(bootstrapServers: ["localhost:9092"]), request: request)
        let checkpoint = ReplayCheckpoint(
            name: "friday",
            run: "4f1e",
            state: .running,
            startedAt: time,
            updatedAt: time,
            request: request,
            partitions: [.init(partition: 0, first: 3, end: 13, next: 7)],
            counts: ReplayCounts()
        )
        let record = Kafka.Record(
            topic: options.checkpointTopic,
            key: Array(checkpoint.name.utf8),
            value: checkpoint.value
        )
        return [WrittenRecord(message: "Checkpoint", record: record)]
    }
}
