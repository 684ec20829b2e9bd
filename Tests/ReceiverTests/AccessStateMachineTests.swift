import Kafka
import Testing

@testable import Receiver

struct AccessStateMachineTests {
    private static let noRight = KafkaError(code: 29)
    private static let noLogin = KafkaError(code: 58)

    @Test
    func `a refusal suspends until a trial is granted, and what was sent before it changes nothing`() throws {
        var access = AccessStateMachine()
        #expect(access.refusal == nil && !access.isTrialDue(at: .max))
        #expect(access.refused(Self.noRight, at: 0, jitter: 1) == .suspended)
        let due = try #require(access.trialAt)
        #expect(access.refused(Self.noLogin, at: due - 1, jitter: 0) == .none)
        #expect(access.refusal == Self.noRight && access.trialAt == due)
        #expect(!access.isTrialDue(at: due - 1) && access.isTrialDue(at: due))
        #expect(access.tried(.granted, at: due, jitter: 0) == .resumed)
        #expect(access.refusal == nil && access.trialAt == nil)
    }

    @Test
    func `a trial that is refused names the newest error, and one without an answer keeps the old one`() {
        var access = AccessStateMachine()
        _ = access.refused(Self.noRight, at: 0, jitter: 0)
        #expect(access.tried(.refused(Self.noLogin), at: 1_000, jitter: 0) == .refusedAgain)
        #expect(access.refusal == Self.noLogin)
        #expect(access.tried(.unanswered(nil), at: 5_000, jitter: 0) == .none)
        #expect(access.refusal == Self.noLogin && !access.isTrialDue(at: 5_999) && access.isTrialDue(at: 65_000))
    }

    @Test(arguments: [0.0, 0.5, 1.0])
    func `pauses grow from one second to one minute, at least half of them certain`(jitter: Double) {
        var access = AccessStateMachine()
        var now: Int64 = 0
        var pauses: [Int64] = []
        _ = access.refused(Self.noRight, at: now, jitter: jitter)
        for _ in 0..<40 {
            let next = access.trialAt ?? now
            pauses.append(next - now)
            now = next
            _ = access.tried(.refused(Self.noRight), at: now, jitter: jitter)
        }
        #expect(pauses.allSatisfy { (1_000...60_000).contains($0) })
        #expect(pauses == pauses.sorted())
        #expect(pauses[0] <= 2_000)
        #expect(pauses.last ?? 0 >= 30_000)
        // A minute of refusals has at most six attempts.
        #expect(zip(pauses, pauses.indices).prefix { $0.1 < 6 }.map(\.0).reduce(0, +) >= 30_000)
    }

    @Test
    func `a trial alone does not make pauses short again, an acknowledged record does`() {
        var access = AccessStateMachine()
        var lengths: [Int64] = []
        for round in 0..<8 {
            if round == 6 { access.acknowledged() }
            _ = access.refused(Self.noRight, at: 0, jitter: 0)
            access.acknowledged()
            lengths.append(access.trialAt ?? 0)
            _ = access.tried(.granted, at: 100_000, jitter: 0)
        }
        #expect(lengths == [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 1_000, 2_000])
    }
}

struct BatchLimitTests {
    @Test(arguments: [
        (chosen: nil as Int?, topic: nil as Int?, bytes: 1_000_000), (nil, 1_048_588, 1_000_000),
        (nil, 20_000, 19_488), (200_000, 1_048_588, 200_000), (200_000, 20_000, 19_488), (nil, 2_097_152, 1_000_000),
        (4_000_000, 2_097_152, 2_096_640), (nil, 1, 1_024), (nil, 0, 1_024),
    ])
    func `a batch stays below what the topics take and what was chosen`(chosen: Int?, topic: Int?, bytes: Int) {
        var limit = BatchLimit(chosen: chosen)
        limit.read(topic)
        #expect(limit.bytesMax == bytes)
    }

    @Test
    func `without the right to read the topic's limit, refusals halve it once for each size, down to one record`() {
        var limit = BatchLimit()
        for _ in 0..<50 { limit.refused(batchesOf: 1_000_000) }
        #expect(limit.bytesMax == 500_000)
        for _ in 0..<50 { limit.refused(batchesOf: limit.bytesMax) }
        #expect(limit.bytesMax == 1_024)
        #expect(BatchLimit.isAlone(recordBytes: 10, inBatchesOf: limit.bytesMax))
        limit.read(nil)
        #expect(limit.bytesMax == 1_024)
        limit.read(2_000_000)
        #expect(limit.bytesMax == 1_000_000)
    }

    @Test
    func `only a record that fills a batch is refused for its own size`() {
        #expect(BatchLimit.isAlone(recordBytes: 1_000_000, inBatchesOf: 1_000_000))
        #expect(!BatchLimit.isAlone(recordBytes: 999_999, inBatchesOf: 1_000_000))
        #expect(!BatchLimit.isAlone(recordBytes: 700, inBatchesOf: 19_488))
    }
}

struct AcknowledgedBodyTests {
    @Test(arguments: [
        (partition: UInt64(0), offset: UInt64(0)), (3, 42), (10, 9), (99, 100), (1_000_000, 12_345_678_901),
        (UInt64(Int32.max), UInt64(Int64.max)),
    ])
    func `the body names id, partition and offset`(partition: UInt64, offset: UInt64) {
        var id = InlineArray<36, UInt8>(repeating: 0)
        let text = "3d653490-fc91-4c5c-a3ae-ef140e451295"
        for (index, byte) in text.utf8.enumerated() { id[index] = byte }
        var body = AcknowledgedBody(id)
        body.append(partition)
        body.append(offset: offset)
        body.end()
        let bytes = (0..<body.count).map { body.bytes[$0] }
        let wanted = "{\"id\": \"\(text)\", \"partition\": \(partition), \"offset\": \(offset)}"
        #expect(String(decoding: bytes, as: UTF8.self) == wanted)
    }
}
