import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(2)))
struct DeliverTests {
    let path = FileManager.default.temporaryDirectory.appending(path: "deliver-\(UUID().uuidString).jsonl").path

    private func options(_ receiver: RecordingReceiver) -> DeliverOptions {
        var options = DeliverOptions(
            url: receiver.url,
            token: testToken,
            startingAtMilliseconds: 1_791_277_200_000,
            ledgerPath: path
        )
        options.count = 2_000
        options.entities = 100
        options.connections = 8
        options.timeScale = 1.0 / 60_000
        return options
    }

    private func ledger() throws -> [LedgerEntry] {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var entries: [LedgerEntry] = []
        _ = try LedgerReader(path: path).read { entries.append($0) }
        return entries
    }

    @Test
    func `a run is delivered over its connections, verified, and written down as it was answered`() async throws {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.duplicateShare = 0.1
        options.tamperShare = 0.1
        let summary = try await deliver(options)
        #expect(summary.isOK, "\(summary.table)")
        #expect(summary.acknowledged + summary.tampered == options.count)
        #expect((100...300).contains(summary.tampered))
        #expect((100...300).contains(summary.duplicates) && summary.duplicatesAcknowledged == summary.duplicates)
        #expect(summary.requests == options.count + summary.duplicates)
        #expect(summary.latencyMilliseconds(at: 0.5) > 0)
        #expect(summary.latencyMilliseconds(at: 0.99) <= summary.latencyMillisecondsMax)

        #expect(receiver.connectionsAccepted == options.connections)
        #expect(receiver.unsigned == summary.tampered)
        let entries = try ledger()
        #expect(entries.count == options.count + summary.duplicates)
        let arrivals = Dictionary(grouping: receiver.arrivals, by: \.eventID)
        for entry in entries {
            let came = arrivals[entry.eventID.description, default: []]
            switch entry.kind {
            case .event: #expect(!came.isEmpty && entry.status == 200)
            case .duplicate: #expect(came.count == 2 && came[0].body == came[1].body)
            case .tampered: #expect(came.isEmpty && entry.status == 401)
            }
        }
        for (_, ofEntity) in Dictionary(grouping: receiver.arrivals, by: \.entityID) {
            #expect(Set(ofEntity.map(\.connection)).count == 1)
        }
    }

    @Test
    func `what is refused is sent again until it is taken, and each entity keeps its order`() async throws {
        // Refuses each event up to three times, by its last digit.
        let receiver = try RecordingReceiver { id, before in
            before < (id.utf8.last.map { Int($0) % 4 } ?? 0) ? 503 : 200
        }
        let summary = try await deliver(options(receiver))
        #expect(summary.isOK, "\(summary.table)")
        #expect(summary.retries > 1_000)
        #expect(summary.refusals["503"] == summary.retries)
        let entries = try ledger().filter { $0.kind == .event }
        let attempts = Dictionary(uniqueKeysWithValues: entries.map { ($0.eventID.description, $0.attempts) })
        for (id, came) in Dictionary(grouping: receiver.arrivals, by: \.eventID) {
            let duplicates = came.count - (attempts[id] ?? 0)
            #expect(duplicates == 0 || duplicates == 1)
            for (number, arrival) in came.prefix(attempts[id] ?? 0).enumerated() {
                let text = String(decoding: arrival.body, as: UTF8.self)
                #expect(text.contains("\"attempt_number\":\(number + 1),"))
            }
        }
        var check = LedgerCheck()
        for entry in entries { try check.add(entry) }
        for (offset, arrival) in receiver.acknowledged.enumerated() {
            check.observe(partition: 0, offset: Int64(offset), id: SimulatedID(arrival.eventID))
        }
        #expect(check.verdict().isOK, "\(check.verdict().table)")
    }

    @Test
    func `what is never taken is given up after eight attempts`() async throws {
        let receiver = try RecordingReceiver { _, _ in 503 }
        var options = options(receiver)
        options.count = 20
        options.tamperShare = 0
        options.timeScale = 1.0 / 6_000_000
        let summary = try await deliver(options)
        #expect(!summary.isOK)
        #expect(summary.gaveUp == 20)
        #expect(summary.requests == 160)
        #expect(try ledger().allSatisfy { $0.attempts == 8 && $0.status == 503 })
    }

    @Test
    func `nobody listening and no answer are attempts too`() async throws {
        let receiver = try RecordingReceiver { _, before in before == 0 ? nil : 200 }
        var slow = options(receiver)
        slow.count = 20
        slow.timeout = .milliseconds(50)
        let summary = try await deliver(slow)
        #expect(summary.isOK, "\(summary.table)")
        #expect(summary.failures["timed_out"] == summary.acknowledged)

        let url = receiver.url
        receiver.stop()
        var nobody = options(receiver)
        nobody.url = url
        nobody.count = 5
        nobody.timeScale = 1.0 / 6_000_000
        let none = try await deliver(nobody)
        #expect(none.gaveUp + none.tampered == 5)
        #expect(none.failures["could_not_connect"] == none.requests)
    }

    @Test
    func `a run ends at its deadline and says what is unfinished`() async throws {
        let receiver = try RecordingReceiver { _, _ in 503 }
        var options = options(receiver)
        options.timeScale = 1
        options.deadline = .milliseconds(200)
        let summary = try await deliver(options)
        #expect(!summary.isOK)
        #expect(summary.unfinished > 0)
        #expect(summary.seconds < 60, "the first retry would have come after minutes")
    }

    @Test
    func `an open loop keeps its rate and tells of its progress`() async throws {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.count = 600
        options.rate = 500
        let lines = Mutex<[String]>([])
        let summary = try await deliver(options) { line in lines.withLock { $0.append(line) } }
        #expect(summary.isOK, "\(summary.table)")
        #expect((1.19...60).contains(summary.seconds))
        #expect(lines.withLock(\.self).first?.hasPrefix("1 s: ") == true)
    }

    @Test
    func `a handshake is signed with the token that it carries`() async throws {
        let receiver = try RecordingReceiver()
        #expect(try await handshake(url: receiver.url, token: testToken) == 200)
        #expect(receiver.handshakes == 1)
        #expect(receiver.unsigned == 0)
    }

    @Test
    func `a ledger that cannot be written stops the run before it starts`() async throws {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.ledgerPath = "/nowhere/ledger.jsonl"
        await #expect(throws: LedgerError.self) { try await deliver(options) }
        #expect(receiver.arrivals.isEmpty)
    }
}
