package import Kafka
package import Operations

/// A regular expression of Swift's, sought in key, headers' values and value, as text. One without special characters
/// is searched byte by byte, which is far faster.
package struct RecordSearch {
    private enum Pattern {
        case plain([UInt8])
        case expression(Regex<AnyRegexOutput>)
    }

    // Limit: nobody types more, and the cost of a search grows with it.
    private static let patternBytesMax = 1024

    private let pattern: Pattern

    package init(_ text: String, flag: String = "--grep") throws(UsageError) {
        guard !text.isEmpty, text.utf8.count <= Self.patternBytesMax else {
            throw UsageError("\(flag): write a pattern of 1 to \(Self.patternBytesMax) bytes")
        }
        guard text.unicodeScalars.contains(where: { "\\^$.|?*+()[]{}".unicodeScalars.contains($0) }) else {
            pattern = .plain(Array(text.utf8))
            return
        }
        do {
            // By Unicode scalars: a combining accent can be searched for by itself.
            pattern = .expression(try Regex(text).matchingSemantics(.unicodeScalar))
        } catch {
            let place = Self.place(of: error, in: text).map { " at character \($0)" } ?? ""
            throw UsageError("\(flag): is not a regular expression\(place): \(error)")
        }
    }

    package func isFound(in record: borrowing Record) -> Bool {
        if let key = record.key, isFound(in: key.span) { return true }
        if let value = record.value, isFound(in: value.span) { return true }
        var isFound = false
        record.forEachHeader { _, value in
            guard !isFound, let value else { return }
            isFound = self.isFound(in: value)
        }
        return isFound
    }

    private func isFound(in bytes: Span<UInt8>) -> Bool {
        switch pattern {
        case .plain(let wanted): bytes.contains(wanted.span)
        case .expression(let expression): String(decoding: bytes.copied, as: UTF8.self).contains(expression)
        }
    }

    /// The error's position is not public API; if it cannot be read, the message has none.
    private static func place(of error: any Error, in text: String) -> Int? {
        for part in Mirror(reflecting: error).children {
            for inner in Mirror(reflecting: part.value).children {
                guard let range = inner.value as? Range<String.Index> else { continue }
                return text.unicodeScalars.distance(from: text.startIndex, to: min(range.lowerBound, text.endIndex)) + 1
            }
        }
        return nil
    }
}

extension Span<UInt8> {
    fileprivate func contains(_ wanted: Span<UInt8>) -> Bool {
        guard wanted.count <= count else { return false }
        let first = wanted[0]
        for start in 0...(count - wanted.count) where self[start] == first {
            if extracting(start..<(start + wanted.count)).isEqual(to: wanted) { return true }
        }
        return false
    }
}
