import FoundationEssentials

package struct LedgerEntry: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case event
        case duplicate
        /// A delivery with one byte changed after signing. Its event id is used nowhere else.
        case tampered
    }

    package let index: Int
    package let kind: Kind
    package let eventID: SimulatedID
    package let entityID: SimulatedID
    package let type: String
    /// The connection it went over. Lines of one connection are in the order in which they were settled.
    package let connection: Int
    package let attempts: Int
    package let status: Int

    /// Notion takes any 2xx for success.
    package var isAcknowledged: Bool { (200...299).contains(status) }

    package func append(to bytes: inout [UInt8]) {
        var line = DeliveryBody()
        line.text("{\"n\":\(index),\"kind\":\"\(kind.rawValue)\",")
        line.member("id", eventID)
        line.text(",")
        line.member("entity", entityID)
        line.text(",\"type\":\"\(type)\",\"connection\":\(connection),\"attempts\":\(attempts),\"status\":\(status)}\n")
        bytes.append(contentsOf: line.bytes)
    }
}

/// A flat object of whole numbers and plain strings, members in any order, as the simulator writes it; nothing else.
struct LedgerLine {
    private var numbers: [String: Int] = [:]
    private var strings: [String: String] = [:]
    private var position = 0

    /// Limits of one line.
    static let membersMax = 32
    static let stringBytesMax = 256

    static func entry(_ line: Span<UInt8>) throws(LedgerFlaw) -> LedgerEntry {
        var reader = LedgerLine()
        try reader.read(line)
        guard let kind = LedgerEntry.Kind(rawValue: try reader.string("kind")) else { throw .badValue("kind") }
        return LedgerEntry(
            index: try reader.number("n"),
            kind: kind,
            eventID: try reader.id("id"),
            entityID: try reader.id("entity"),
            type: try reader.string("type"),
            connection: try reader.number("connection"),
            attempts: try reader.number("attempts"),
            status: try reader.number("status")
        )
    }

    private func number(_ name: String) throws(LedgerFlaw) -> Int {
        guard let value = numbers[name] else { throw .missing(name) }
        return value
    }

    private func string(_ name: String) throws(LedgerFlaw) -> String {
        guard let value = strings[name] else { throw .missing(name) }
        return value
    }

    private func id(_ name: String) throws(LedgerFlaw) -> SimulatedID {
        guard let id = SimulatedID(try string(name)) else { throw .badValue(name) }
        return id
    }

    private mutating func read(_ line: Span<UInt8>) throws(LedgerFlaw) {
        try expect(0x7B, in: line)
        for member in 0... {
            guard member < Self.membersMax else { throw .tooLong }
            if member > 0 {
                if position < line.count, line[position] == 0x7D { break }
                try expect(0x2C, in: line)
            }
            let name = try quoted(line)
            try expect(0x3A, in: line)
            guard numbers[name] == nil, strings[name] == nil else { throw .badValue(name) }
            if position < line.count, line[position] == 0x22 {
                strings[name] = try quoted(line)
            } else {
                numbers[name] = try digits(line)
            }
        }
        try expect(0x7D, in: line)
        guard position == line.count else { throw .notAnEntry }
    }

    private mutating func expect(_ byte: UInt8, in line: Span<UInt8>) throws(LedgerFlaw) {
        guard position < line.count, line[position] == byte else { throw .notAnEntry }
        position += 1
    }

    private mutating func quoted(_ line: Span<UInt8>) throws(LedgerFlaw) -> String {
        try expect(0x22, in: line)
        var bytes: [UInt8] = []
        while position < line.count, line[position] != 0x22 {
            let byte = line[position]
            guard byte >= 0x20, byte < 0x7F, byte != 0x5C else { throw .notAnEntry }
            guard bytes.count < Self.stringBytesMax else { throw .tooLong }
            bytes.append(byte)
            position += 1
        }
        try expect(0x22, in: line)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func digits(_ line: Span<UInt8>) throws(LedgerFlaw) -> Int {
        let start = position
        var value = 0
        while position < line.count, (0x30...0x39).contains(line[position]) {
            guard position - start < 15 else { throw .tooLong }
            value = value * 10 + Int(line[position] - 0x30)
            position += 1
        }
        guard position > start else { throw .notAnEntry }
        return value
    }
}

package enum LedgerFlaw: Error, Sendable, Equatable, CustomStringConvertible {
    case notAnEntry
    case missing(String)
    case badValue(String)
    case tooLong
    /// The id is in two lines of which neither is a duplicate of the other.
    case repeatedID
    case tooManyEvents

    package var description: String {
        switch self {
        case .notAnEntry: "this is not a ledger entry"
        case .missing(let name): "the member \(name) is missing"
        case .badValue(let name): "the member \(name) has an invalid value"
        case .tooLong: "the line, a string or a number in it is too long"
        case .repeatedID: "an earlier line has settled this event id already"
        case .tooManyEvents: "a ledger may hold \(LedgerCheck.eventsMax) events"
        }
    }
}

package struct LedgerReader {
    /// Limit: one line, in bytes; the simulator's own are under 300.
    package static let lineBytesMax = 4_096

    private let bytes: Data
    private let path: String

    package init(path: String) throws(LedgerError) {
        do {
            bytes = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadable(path: path)
        }
        self.path = path
    }

    /// Returns whether the last line was cut off by a kill of the simulator: its delivery then counts as unknown.
    package func read(_ body: (LedgerEntry) throws(LedgerFlaw) -> Void) throws(LedgerError) -> Bool {
        let all = bytes.span
        var start = 0
        var line = 1
        for index in all.indices where all[index] == 0x0A {
            do throws(LedgerFlaw) {
                guard index - start <= Self.lineBytesMax else { throw .tooLong }
                try body(LedgerLine.entry(all.extracting(start..<index)))
            } catch {
                throw .flawed(path: path, line: line, error)
            }
            start = index + 1
            line += 1
        }
        return start < all.count
    }
}

package enum LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(path: String)
    case unwritable(path: String, reason: String)
    case flawed(path: String, line: Int, LedgerFlaw)

    package var description: String {
        switch self {
        case .unreadable(let path): "the ledger \(path) cannot be read"
        case .unwritable(let path, let reason): "the ledger \(path) cannot be written: \(reason)"
        case .flawed(let path, let line, let flaw): "\(path), line \(line): \(flaw)"
        }
    }
}
