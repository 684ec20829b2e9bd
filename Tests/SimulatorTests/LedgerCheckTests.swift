import Testing

@testable import Simulator

/// A check is worth something only if it fails: each row breaks one promise and names what must be found.
@Suite
struct LedgerCheckTests {
    /// Events 0...5 of entities a, b, a, b, a, a over connection 0; 6 gave up, 7 is tampered.
    static let entries = [
        entry(0, "a"), entry(1, "b"), entry(2, "a"), entry(3, "b"), entry(4, "a"), entry(5, "a"),
        entry(6, "b", status: 503), entry(7, "a", .tampered, status: 401), entry(2, "a", .duplicate),
    ]

    static func entry(
        _ index: Int,
        _ entity: String,
        _ kind: LedgerEntry.Kind = .event,
        status: Int = 200,
        connection: Int = 0
    ) -> LedgerEntry {
        LedgerEntry(
            index: index,
            kind: kind,
            eventID: id(index),
            entityID: SimulatedID(high: 9, low: entity == "a" ? 1 : 2),
            type: "page.created",
            connection: connection,
            attempts: 1,
            status: status
        )
    }

    static func id(_ index: Int) -> SimulatedID { SimulatedID(high: 1, low: UInt64(index)) }

    /// Partition 0 holds what is about a, partition 1 what is about b.
    static func verdict(
        _ partitions: [[Int?]],
        _ entries: [LedgerEntry] = entries
    ) throws -> CheckSummary {
        var check = LedgerCheck()
        for entry in entries { try check.add(entry) }
        for (partition, indices) in partitions.enumerated() {
            for (offset, index) in indices.enumerated() {
                check.observe(partition: Int32(partition), offset: Int64(offset), id: index.map(id))
            }
        }
        return check.verdict()
    }

    @Test
    func `everything in its place is ok, with duplicates, foreigners and what was not acknowledged`() throws {
        let summary = try Self.verdict([[0, 2, 2, 4, 0, 5], [1, nil, 3, 99, 6]])
        #expect(summary.isOK)
        #expect(summary.acknowledged == 6)
        #expect(summary.entities == 2)
        #expect(summary.records == 11)
        #expect(summary.duplicateRecords == 2)
        #expect(summary.duplicatesAcknowledged == 1)
        #expect(summary.foreign == 2)
        #expect(summary.unacknowledgedPresent == 1)
        #expect(summary.tampered == 1)
    }

    @Test
    func `an acknowledged event that is not there is missing`() throws {
        let summary = try Self.verdict([[0, 2, 5], [1, 3]])
        #expect(!summary.isOK)
        #expect(summary.missing.count == 1)
        #expect(summary.missing.examples == [Self.id(4).description])
        #expect(summary.outOfOrder.count == 0)
    }

    @Test
    func `an empty topic misses everything, and twenty ids are enough`() throws {
        let entries = (0..<50).map { Self.entry($0, "a") }
        let summary = try Self.verdict([], entries)
        #expect(summary.missing.count == 50)
        #expect(summary.missing.examples == (0..<20).map { Self.id($0).description })
        #expect(!summary.isOK)
    }

    @Test(arguments: [([0, 4, 2, 5], 4), ([2, 0, 4, 5], 2), ([0, 2, 5, 4], 5)])
    func `a first record that lies before an earlier event's is out of order`(order: [Int], found: Int) throws {
        let summary = try Self.verdict([order, [1, 3]])
        #expect(summary.outOfOrder.count == 1)
        #expect(summary.outOfOrder.examples == [Self.id(found).description])
        #expect(!summary.isOK)
    }

    @Test
    func `a duplicate after later events is no disorder, one before them neither`() throws {
        #expect(try Self.verdict([[0, 0, 2, 0, 4, 2, 5, 0], [1, 3, 1]]).isOK)
    }

    @Test
    func `other entities and other connections have no order between them`() throws {
        #expect(try Self.verdict([[1, 3, 0, 2, 4, 5]]).isOK)
        let entries = [Self.entry(0, "a", connection: 1), Self.entry(1, "a", connection: 2)]
        #expect(try Self.verdict([[1, 0]], entries).isOK)
    }

    @Test
    func `an entity whose events lie in two partitions is scattered`() throws {
        let summary = try Self.verdict([[0, 2, 4], [1, 3, 5]])
        #expect(summary.scattered.count == 1)
        #expect(summary.scattered.examples == [Self.id(5).description])
        #expect(!summary.isOK)
    }

    @Test
    func `a tampered delivery in the topic is found`() throws {
        let summary = try Self.verdict([[0, 2, 7, 4, 5], [1, 3]])
        #expect(summary.tamperedPresent.examples == [Self.id(7).description])
        #expect(!summary.isOK)
    }

    @Test
    func `a tampered delivery that was answered 200 is found in the ledger alone`() throws {
        let summary = try Self.verdict([[]], [Self.entry(7, "a", .tampered, status: 200)])
        #expect(summary.tamperedAcknowledged.count == 1)
        #expect(!summary.isOK)
    }

    @Test
    func `an id that was settled twice and a duplicate of nothing are refused`() {
        #expect(throws: LedgerFlaw.repeatedID) { try Self.verdict([], [Self.entry(0, "a"), Self.entry(0, "b")]) }
        #expect(throws: LedgerFlaw.badValue("kind")) { try Self.verdict([], [Self.entry(0, "a", .duplicate)]) }
    }

    @Test
    func `a summary is the same in a table and in JSON`() throws {
        let summary = try Self.verdict([[0, 2, 5], [1, 3]])
        #expect(summary.table.contains("missing                   1\n"))
        #expect(summary.table.hasPrefix("ok                        no\n"))
        #expect(summary.json.hasPrefix("{\"ok\":false,"))
        #expect(summary.json.contains("\"missing\":1,\"missing_ids\":[\"\(Self.id(4))\"]"))
    }
}
