import FoundationEssentials

/// Reads a ledger file from beginning to end.
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

    /// Hands over every entry, in the file's order. Returns whether the last line was cut off, as it is when the
    /// simulator was killed: its delivery then counts as unknown.
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

/// Why a ledger could not be read or written.
package enum LedgerError: Error, Sendable, Equatable {
    case unreadable(path: String)
    case unwritable(path: String, reason: String)
    case flawed(path: String, line: Int, LedgerFlaw)
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path): "the ledger \(path) cannot be read"
        case .unwritable(let path, let reason): "the ledger \(path) cannot be written: \(reason)"
        case .flawed(let path, let line, let flaw): "\(path), line \(line): \(flaw)"
        }
    }
}
