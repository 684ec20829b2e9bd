import Kafka
import NotionEvents
import OrderedConsumer
import Replayer
import Testing

@Suite
struct RedrivePlanTests {
    private func plan(
        _ records: [Record],
        parked state: StateSnapshot = Letters.parked(),
        except done: Set<[UInt8]> = [],
        _ change: (inout RedriveOptions) -> Void = { _ in }
    ) throws -> RedrivePlan {
        var backlog = try Letters.backlog()
        for record in records { backlog.add(record) }
        var options = RedriveOptions(
            client: ClientSettings(bootstrapServers: ["localhost:1"]),
            topics: try Letters.topics()
        )
        change(&options)
        return RedrivePlan(backlog, state: state, ends: [0: 100], options: options, except: done)
    }

    /// The first offsets of what is sent, key by key.
    private func sent(_ plan: RedrivePlan) -> [[Int64]] { plan.keys.map { $0.letters.map(\.letter.origin.offset) } }

    @Test
    func `a parked key goes whole and says up to where it is drained`() throws {
        let records = [
            Letters.record(3, origin: 5), Letters.record(4, origin: 2, reason: .parked),
            Letters.record(5, key: "b", origin: 9),
        ]
        let plan = try plan(records, parked: Letters.parked("a"))
        #expect(sent(plan) == [[2, 5], [9]] && plan.count == 3)
        #expect(plan.keys.map(\.isParked) == [true, false])
        #expect(plan.keys.map(\.drained) == [RecordPlace(partition: 0, offset: 99), nil])
    }

    @Test
    func `what was sent back too often holds the rest of a parked key back, and nothing of others`() throws {
        let records = ["a", "b"].flatMap { key in
            [
                Letters.record(0, key: key, origin: 1, redrives: 2),
                Letters.record(1, key: key, origin: 2, redrives: 3),
                Letters.record(2, key: key, origin: 3),
            ]
        }
        let plan = try plan(records, parked: Letters.parked("a"))
        #expect(sent(plan) == [[1], [1, 3]])
        #expect(plan.exhausted == 2 && plan.heldBack == 1 && plan.filtered == 0)
        #expect(plan.keys.allSatisfy { $0.drained == nil })
    }

    @Test
    func `who asks for a reason means what follows it too, but never what stands behind another`() throws {
        let records = [
            Letters.record(0, origin: 1, reason: .handler), Letters.record(1, origin: 2, reason: .parked),
            Letters.record(2, key: "b", origin: 3, reason: .attempts), Letters.record(3, key: "b", origin: 4),
            Letters.record(4, key: "c", origin: 5, reason: .parked),
        ]
        let plan = try plan(records, parked: Letters.parked("a", "b", "c")) { $0.reasons = ["handler"] }
        #expect(sent(plan) == [[1, 2]] && plan.keys[0].drained != nil)
        #expect(plan.filtered == 2 && plan.heldBack == 1)
    }

    @Test
    func `entity and type choose, and a parked key stops at the first that is not chosen`() throws {
        let records = [
            Letters.record(0, origin: 1), Letters.record(1, origin: 2, type: "comment.created"),
            Letters.record(2, origin: 3), Letters.record(3, key: "b", origin: 4),
        ]
        let pages = try plan(records, parked: Letters.parked("a")) { $0.types = TypePatterns(["page.*"]) }
        #expect(sent(pages) == [[1], [4]] && pages.keys[0].drained == nil)
        #expect(pages.filtered == 1 && pages.heldBack == 1)
        let other = try plan(records) { $0.entity = "b" }
        #expect(sent(other) == [[4]] && other.filtered == 3)
    }

    @Test
    func `a key that failed in this run is left alone`() throws {
        let records = [Letters.record(0, origin: 1), Letters.record(1, key: "b", origin: 2)]
        let plan = try plan(records, parked: Letters.parked("a"), except: [Array("a".utf8)])
        #expect(sent(plan) == [[2]])
    }
}
