import Operations
import Synchronization

/// Writes a ledger file, from many connections. One run, one file: an older file of that name is replaced.
package final class LedgerWriter: Sendable {
    // Limit: bytes held before they are written.
    private static let bufferBytesMax = 65_536

    private let path: String
    private let file: AppendFile
    private let buffer = Mutex<[UInt8]>([])

    package init(path: String) throws(LedgerError) {
        self.path = path
        do throws(AppendFile.Failure) {
            file = try AppendFile(replacing: path)
        } catch {
            throw .unwritable(path: path, reason: error.description)
        }
    }

    package func write(_ entry: LedgerEntry) throws(LedgerError) {
        try locked { bytes throws(AppendFile.Failure) in
            entry.append(to: &bytes)
            guard bytes.count >= Self.bufferBytesMax else { return }
            try flush(&bytes)
        }
    }

    package func flush() throws(LedgerError) { try locked { bytes throws(AppendFile.Failure) in try flush(&bytes) } }

    private func flush(_ bytes: inout [UInt8]) throws(AppendFile.Failure) {
        guard !bytes.isEmpty else { return }
        try file.append(bytes.span)
        bytes.removeAll(keepingCapacity: true)
    }

    private func locked(_ body: (inout [UInt8]) throws(AppendFile.Failure) -> Void) throws(LedgerError) {
        do throws(AppendFile.Failure) {
            try buffer.withLock { bytes throws(AppendFile.Failure) in try body(&bytes) }
        } catch {
            throw .unwritable(path: path, reason: error.description)
        }
    }
}
