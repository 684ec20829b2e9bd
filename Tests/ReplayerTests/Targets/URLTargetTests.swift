import Foundation
import Kafka
import OrderedConsumer
import OutgoingWebhooks
import Synchronization
import TestSupport
import Testing

@testable import Replayer

@Suite(.timeLimit(.minutes(1)))
struct URLTargetTests {
    /// What a replay came to.
    struct Ending: Sendable {
        var outcomes: [Int: ReplayOutcome] = [:]
        var error: String?
        /// How often a slot was settled again.
        var repeated = 0
    }

    private static func settings(_ url: String) throws -> URLTargetSettings {
        var settings = URLTargetSettings(ServiceSettings(target: try TargetURL(url), signer: nil))
        settings.retry.firstDelay = .milliseconds(2)
        settings.retry.delayMax = .milliseconds(8)
        return settings
    }

    /// Gives all records to a target as a replay's thread does, until they are settled or it says why not.
    private static func replay(_ records: [Record], _ settings: URLTargetSettings) async throws -> Ending {
        try await onThread {
            let target = try URLTarget(settings, now: { 1_614_265_330_000 })
            defer { target.close() }
            var ending = Ending()
            var next = 0
            do {
                while ending.outcomes.count < records.count {
                    while next < records.count, try target.offer(records[next], slot: next) { next += 1 }
                    try target.settle(waitMilliseconds: 10_000) { slot, outcome in
                        if ending.outcomes.updateValue(outcome, forKey: slot) != nil { ending.repeated += 1 }
                    }
                }
            } catch let error as ReplayTargetError {
                ending.error = error.description
            }
            return ending
        }
    }

    /// The cooperative pool has to stay free for the requests.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }

    /// Ids are `<key>-<number>`.
    private static func records(_ count: Int, keys: Int) -> [Record] {
        (0..<count).map { number in
            let key = "k\(number % keys)"
            return Record.event(key, id: "\(key)-\(number)")
        }
    }

    private static func key(_ id: String) -> Substring { id.prefix { $0 != "-" } }

    @Test
    func `each key's events arrive one after the other and in order, whatever fails on the way`() async throws {
        var random = SeededGenerator()
        let generator = Mutex(random)
        let service = try ScriptedService { _ in
            generator.withLock { generator in
                .status(
                    Int.random(in: 0..<4, using: &generator) == 0 ? 503 : 204,
                    afterTicks: Int.random(in: 0...3, using: &generator)
                )
            }
        }
        let records = Self.records(120, keys: 7) + (0..<20).map { Record.event(nil, id: "none-\($0)") }
        var settings = try Self.settings(service.url)
        settings.recordsMax = Int.random(in: 10...60, using: &random)
        settings.retry.attemptsMax = 0
        let ending = try await Self.replay(records, settings)
        #expect(ending.error == nil && ending.repeated == 0, "\(random)")
        #expect(ending.outcomes.count == 140 && ending.outcomes.values.allSatisfy { $0 == .sent }, "\(random)")
        var underWay: Set<Substring> = []
        var done: [Substring: [String]] = [:]
        for entry in service.entries {
            switch entry {
            case .began(let id): #expect(Self.key(id) == "none" || underWay.insert(Self.key(id)).inserted, "\(random)")
            case .answered(let id, let status):
                underWay.remove(Self.key(id))
                if status == 204 { done[Self.key(id), default: []].append(id) }
            }
        }
        for key in 0..<7 {
            let expected = stride(from: key, to: 120, by: 7).map { "k\(key)-\($0)" }
            #expect(done["k\(key)"] == expected, "\(random)")
        }
    }

    @Test
    func `keys go at once, up to the limit`() async throws {
        // The fourth is answered only when four wait, where the limit begins.
        let service = try ScriptedService { _ in .together(4) }
        let ending = try await Self.replay(Self.records(8, keys: 8), Self.settings(service.url))
        #expect(ending.outcomes.count == 8 && ending.error == nil)
        #expect(service.underWayMax == 4)
    }

    @Test
    func `records without a key do not wait for each other`() async throws {
        let service = try ScriptedService { _ in .together(4) }
        let records = (0..<4).map { Record.event(nil, id: "\($0)") }
        #expect(try await Self.replay(records, Self.settings(service.url)).outcomes.count == 4)
    }

    @Test
    func `a refused event has failed, and its key goes on`() async throws {
        let service = try ScriptedService { .status($0.id == "k0-0" ? 422 : 204) }
        let ending = try await Self.replay(Self.records(4, keys: 2), Self.settings(service.url))
        let line = "event k0-0: the service answered 422: it refuses the event"
        #expect(ending.outcomes == [0: .failed(line), 1: .sent, 2: .sent, 3: .sent])
        #expect(service.requests.filter { $0.id == "k0-0" }.count == 1)
    }

    @Test
    func `a service that recovers gets everything, each attempt with its number`() async throws {
        let service = try ScriptedService { .status($0.number <= 3 ? 503 : 204) }
        let ending = try await Self.replay(Self.records(2, keys: 1), Self.settings(service.url))
        #expect(ending.outcomes == [0: .sent, 1: .sent])
        #expect(service.requests.map(\.id) == ["k0-0", "k0-0", "k0-0", "k0-0", "k0-1"])
        #expect(service.requests.map { $0.headers["relay-attempt"] } == ["1", "2", "3", "4", "1"])
    }

    @Test
    func `when the attempts are used up the replay ends, after what is under way`() async throws {
        // What the other key waits for ends long after the attempts are used up.
        let service = try ScriptedService { $0.id == "k0-0" ? .status(500) : .status(204, afterTicks: 100) }
        var settings = try Self.settings(service.url)
        settings.retry.attemptsMax = 3
        let ending = try await Self.replay(Self.records(6, keys: 2), settings)
        #expect(
            ending.error
                == "event k0-0 was given up after 3 attempts: the service answered 500; what was sent stays sent, and "
                + "the replay can be resumed"
        )
        #expect(service.requests.filter { $0.id == "k0-0" }.count == 3)
        #expect(!service.requests.contains { $0.id == "k0-2" })
        #expect(ending.outcomes[1] == .sent && ending.outcomes[0] == nil)
        let answered = service.entries.compactMap { if case .answered(let id, 204) = $0 { id } else { nil } }
        #expect(ending.outcomes.count == answered.count)
    }

    @Test
    func `a service that is not there ends the replay`() async throws {
        let service = try ScriptedService { _ in .none }
        var settings = try Self.settings(service.url)
        service.stop()
        settings.retry.attemptsMax = 1
        let ending = try await Self.replay(Self.records(3, keys: 3), settings)
        #expect(ending.error?.contains("was given up after 1 attempt: could not connect") == true)
        #expect(ending.outcomes.isEmpty)
    }

    @Test
    func `what has no room is offered again`() async throws {
        let service = try ScriptedService { _ in .none }
        var settings = try Self.settings(service.url)
        settings.recordsMax = 3
        let (limited, took) = try await Self.onThread { [settings] in
            let target = try URLTarget(settings, now: { 0 })
            let taken = try Self.records(5, keys: 5).enumerated().map { try target.offer($1, slot: $0) }
            let start = ContinuousClock.now
            try target.settle(waitMilliseconds: 50) { _, _ in Issue.record("nothing was answered") }
            let took = ContinuousClock.now - start
            target.close()
            return (taken, took)
        }
        #expect(limited == [true, true, true, false, false])
        #expect(took >= .milliseconds(50))
    }

    @Test
    func `closing does not wait for what is under way`() async throws {
        let service = try ScriptedService { _ in .none }
        let settings = try Self.settings(service.url)
        let took = try await Self.onThread { [settings] in
            let target = try URLTarget(settings, now: { 0 })
            for slot in 0..<10 { _ = try target.offer(Record.event(nil, id: "\(slot)"), slot: slot) }
            let start = ContinuousClock.now
            target.close()
            return ContinuousClock.now - start
        }
        // A request would take 15 seconds.
        #expect(took < .seconds(5))
    }

    @Test
    func `a replayed event says so, signed under its own id`() async throws {
        let service = try ScriptedService { _ in .status(204) }
        var settings = try Self.settings(service.url)
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        settings.service.signer = try WebhookSigner([secret])
        let mark = ReplayMark(id: "friday", count: 2, topic: "t", place: RecordPlace(partition: 0, offset: 7))
        let record = mark.applied(to: Record.event("k", id: "k-0"))
        #expect(try await Self.replay([record], settings).outcomes == [0: .sent])
        let seen = try #require(service.requests.first)
        #expect(seen.id == "k-0" && seen.headers["webhook-signature"]?.hasPrefix("v1,") == true)
        #expect(seen.headers["relay-replay-id"] == "friday" && seen.headers["relay-replay-count"] == "2")
    }
}

extension ReplayTarget {
    /// Offers a copy.
    fileprivate func offer(_ record: Record, slot: Int) throws -> Bool {
        var copy = record
        return try offer(&copy, slot: slot)
    }
}
