import FoundationEssentials
import TestSupport
import Testing

@testable import Simulator

@Suite
struct LedgerTests {
    let path = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString).jsonl").path
    static let entries = (0..<1_000).map { index in
        var random = SeededRandom(seed: 5, stream: UInt64(index))
        return LedgerEntry(
            index: index,
            kind: [.event, .duplicate, .tampered][index % 3],
            eventID: SimulatedID(version: 4, using: &random),
            entityID: SimulatedID(version: 8, using: &random),
            type: "page.created",
            connection: index % 7,
            attempts: 1 + index % 8,
            status: [200, 0, 503][index % 3]
        )
    }

    private func read() throws -> (entries: [LedgerEntry], isCut: Bool) {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var entries: [LedgerEntry] = []
        let isCut = try LedgerReader(path: path).read { entries.append($0) }
        return (entries, isCut)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test
    func `what is written is read, and a new run replaces it`() throws {
        for _ in 0..<2 {
            let writer = try LedgerWriter(path: path)
            for entry in Self.entries { try writer.write(entry) }
            try writer.flush()
        }
        let (entries, isCut) = try read()
        #expect(entries == Self.entries)
        #expect(!isCut)
    }

    @Test
    func `a line that was cut off is left out and told`() throws {
        let writer = try LedgerWriter(path: path)
        for entry in Self.entries.prefix(2) { try writer.write(entry) }
        try writer.flush()
        let whole = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        try write(String(whole.dropLast(9)))
        let (entries, isCut) = try read()
        #expect(entries == [Self.entries[0]])
        #expect(isCut)
    }

    @Test(arguments: [
        ("", LedgerFlaw.notAnEntry), ("[]", .notAnEntry), ("{}", .notAnEntry), ("{\"n\":1}", .missing("kind")),
        ("{\"n\":-1}", .notAnEntry), ("{\"n\":1,\"n\":1}", .badValue("n")), ("{\"n\":1} ", .notAnEntry),
        ("{\"kind\":\"\\u0065vent\"}", .notAnEntry), ("{\"n\":1234567890123456}", .tooLong),
        ("{\"kind\":\"other\"}", .badValue("kind")),
        ("{\"kind\":\"" + String(repeating: "x", count: 257) + "\"}", .tooLong),
        (String(repeating: " ", count: 4_097), .tooLong),
    ])
    func `a flaw is told with its line`(line: String, flaw: LedgerFlaw) throws {
        var good: [UInt8] = []
        Self.entries[0].append(to: &good)
        try write(String(decoding: good, as: UTF8.self) + line + "\n")
        #expect(throws: LedgerError.flawed(path: path, line: 2, flaw)) { try read() }
    }

    @Test
    func `a file that cannot be is an error that names it`() {
        let nowhere = "/nowhere/ledger.jsonl"
        #expect(throws: LedgerError.unreadable(path: nowhere)) { try LedgerReader(path: nowhere) }
        #expect(throws: LedgerError.unwritable(path: nowhere, reason: "No such file or directory")) {
            try LedgerWriter(path: nowhere)
        }
    }

    @Test
    func `ids are read in their canonical form only`() {
        var random = SeededRandom(seed: testSeed.seed)
        for _ in 0..<500 {
            let id = SimulatedID(version: 8, using: &random)
            #expect(SimulatedID(id.description) == id, "\(testSeed)")
            #expect(id.description == id.description.lowercased())
        }
        for text in [
            "", "a3621519-b5af-4d97-89db-066f2b19443", "A3621519-b5af-4d97-89db-066f2b194430",
            "a3621519b5af4d9789db066f2b194430", "a3621519-b5af-4d97-89db-066f2b19443g",
            "a3621519-b5af-4d97-89db0066f2b194430",
        ] {
            #expect(SimulatedID(text) == nil, "\(text)")
        }
    }
}
