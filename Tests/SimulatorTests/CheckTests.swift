import EmbeddedKafka
import FoundationEssentials
import Kafka
import Testing

@testable import Simulator

/// The whole check against a cluster, fed with what a plan would have delivered.
@Suite(.timeLimit(.minutes(2)))
struct CheckTests {
    let path = FileManager.default.temporaryDirectory.appending(path: "check-\(UUID().uuidString).jsonl").path
    static let factory = DeliveryFactory(seed: 3, entities: 20, startingAt: 0)
    static let count = 300

    enum Fault: CaseIterable {
        case none, lost, swapped, tamperedKept, elsewhere
    }

    private func writeLedger() throws {
        let ledger = try LedgerWriter(path: path)
        for index in 0..<Self.count {
            let delivery = Self.factory.delivery(at: index)
            let isTampered = index == 7
            try ledger.write(
                LedgerEntry(
                    index: index,
                    kind: isTampered ? .tampered : .event,
                    eventID: delivery.eventID,
                    entityID: delivery.entityID,
                    type: delivery.type,
                    connection: 0,
                    attempts: 1,
                    status: isTampered ? 401 : 200
                )
            )
        }
        try ledger.flush()
    }

    private func produce(_ order: [Int], key: (SimulatedDelivery) -> String, to cluster: EmbeddedCluster) async throws {
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        for index in order {
            let delivery = Self.factory.delivery(at: index)
            let id = Record.Header(name: "ce_id", value: Array(delivery.eventID.description.utf8))
            _ = try await producer.send(
                Record(topic: "events", key: Array(key(delivery).utf8), headers: [id], value: delivery.body())
            )
        }
    }

    private func summary(_ fault: Fault) async throws -> CheckSummary {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cluster = try EmbeddedCluster()
        defer { cluster.close() }
        try cluster.createTopic("events", partitions: 5)
        try writeLedger()
        var order = (0..<Self.count).filter { $0 != 7 }
        // Two events of one entity, the second not its last.
        let entity = Self.factory.entityIndex(at: 0)
        let second = order.first { $0 > 0 && Self.factory.entityIndex(at: $0) == entity } ?? 0
        switch fault {
        case .none: order += [12, 12, second]
        case .lost: order.removeAll { $0 == 41 }
        case .swapped: order.swapAt(0, order.firstIndex(of: second) ?? 0)
        case .tamperedKept: order.insert(7, at: 7)
        case .elsewhere: break
        }
        try await produce(order, key: { fault == .elsewhere ? "\($0.eventID)" : "\($0.entityID)" }, to: cluster)
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        return try await check(client: client, topic: "events", ledgerPath: path)
    }

    @Test
    func `a topic that holds what the ledger says is ok, and its duplicates are counted`() async throws {
        let summary = try await summary(.none)
        #expect(summary.isOK, "\(summary.table)")
        #expect(summary.acknowledged == Self.count - 1)
        #expect(summary.records == Self.count + 2)
        #expect(summary.duplicateRecords == 3)
        #expect(summary.foreign == 0)
    }

    @Test
    func `a lost record is missing by its id`() async throws {
        let summary = try await summary(.lost)
        #expect(summary.missing.examples == [Self.factory.delivery(at: 41).eventID.description])
        #expect(!summary.isOK)
    }

    @Test
    func `two events of an entity in each other's place are out of order`() async throws {
        let summary = try await summary(.swapped)
        #expect(summary.outOfOrder.count >= 1)
        #expect(summary.missing.count == 0)
        #expect(!summary.isOK)
    }

    @Test
    func `a tampered delivery that was kept is found`() async throws {
        let summary = try await summary(.tamperedKept)
        #expect(summary.tamperedPresent.examples == [Self.factory.delivery(at: 7).eventID.description])
        #expect(!summary.isOK)
    }

    @Test
    func `records under another key are scattered`() async throws {
        let summary = try await summary(.elsewhere)
        #expect(summary.scattered.count > 0)
        #expect(!summary.isOK)
    }

    @Test
    func `an empty topic and an unknown one have an answer too`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let cluster = try EmbeddedCluster()
        defer { cluster.close() }
        try cluster.createTopic("events", partitions: 2)
        try writeLedger()
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        let summary = try await check(client: client, topic: "events", ledgerPath: path)
        #expect(summary.missing.count == Self.count - 1)
        #expect(summary.missing.examples.count == LedgerCheck.examplesMax)
    }
}
