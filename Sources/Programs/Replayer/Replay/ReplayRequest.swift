/// What a replay is to do: everything that stays the same when it is resumed, on any machine.
package struct ReplayRequest: Sendable, Equatable, Codable {
    package var topic: String
    package var window: WindowRequest
    /// Which records of the window, as flags and their values.
    package var filter: [String: String]
    package var target: ReplayDestination
    package var replaysMax: Int
    /// Stored bodies go through the normalizer again. Nil replays records as they are.
    package var renormalizing: Renormalizing?

    package init(
        topic: String,
        window: WindowRequest,
        filter: [String: String] = [:],
        target: ReplayDestination,
        replaysMax: Int = 3,
        renormalizing: Renormalizing? = nil
    ) {
        self.topic = topic
        self.window = window
        self.filter = filter
        self.target = target
        self.replaysMax = replaysMax
        self.renormalizing = renormalizing
    }
}

/// The edge's settings of the same names, for the events made from stored bodies.
package struct Renormalizing: Sendable, Equatable, Codable {
    /// A `KeyStrategy`'s name.
    package var key: String
    /// A `ContentMode`'s name.
    package var cloudEvents: String

    package init(key: String, cloudEvents: String) {
        self.key = key
        self.cloudEvents = cloudEvents
    }
}

package enum ReplayDestination: Sendable, Equatable, Codable, CustomStringConvertible {
    case topic(String)
    case url(String)
    case stdout

    package var description: String {
        switch self {
        case .topic(let name): "topic \(name)"
        case .url(let url): url
        case .stdout: "stdout"
        }
    }
}

package enum WindowRequest: Sendable, Equatable, Codable {
    /// In milliseconds since 1970: the first is inside, the second outside. Nil is the beginning, and the end as it is.
    case times(from: Int64?, to: Int64?)
    /// These offsets, restricted to the records with these times.
    case offsets([OffsetRange], from: Int64?, to: Int64?)
    /// This many offsets at the end of each partition.
    case last(Int64)

    /// The times that its records may have: from the first up to and without the second.
    package var times: (from: Int64?, to: Int64?) {
        switch self {
        case .times(let from, let to), .offsets(_, let from, let to): (from, to)
        case .last: (nil, nil)
        }
    }
}

/// Offsets of one partition, both ends included.
package struct OffsetRange: Sendable, Equatable, Codable {
    package let partition: Int32
    package let first: Int64
    package let last: Int64?
}

extension OffsetRange: CustomStringConvertible {
    /// `3:100-199`, or `3:100-`.
    package var description: String { "\(partition):\(first)-\(last.map(String.init) ?? "")" }

    // Limit: a topic has at most some ten thousand partitions, and each stands in the list once.
    private static let countMax = 10_000

    /// Reads `3:100-199,4:0-,5:7`: without a last offset up to the end, without a dash only that one.
    package static func list(_ text: String) throws(OffsetRangeError) -> [OffsetRange] {
        var ranges: [OffsetRange] = []
        var partitions: Set<Int32> = []
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= countMax else { throw .tooMany }
        for part in parts {
            guard let range = OffsetRange(part) else { throw .malformed(String(part.prefix(40))) }
            guard range.first <= range.last ?? .max else { throw .backwards(range) }
            guard partitions.insert(range.partition).inserted else { throw .twice(range.partition) }
            ranges.append(range)
        }
        return ranges.sorted { $0.partition < $1.partition }
    }

    private init?(_ text: Substring) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Self.number(parts[0], Int32.self) else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let first = Self.number(ends[0], Int64.self) else { return nil }
        if ends.count == 1 {
            self.init(partition: partition, first: first, last: first)
        } else if ends[1].isEmpty {
            self.init(partition: partition, first: first, last: nil)
        } else {
            guard let last = Self.number(ends[1], Int64.self) else { return nil }
            self.init(partition: partition, first: first, last: last)
        }
    }

    /// Digits only: `Int` alone would also take a sign.
    private static func number<Number: FixedWidthInteger>(_ text: Substring, _: Number.Type) -> Number? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Number(text) else {
            return nil
        }
        // The offset after it must exist as well.
        return number < Number.max ? number : nil
    }
}

package enum OffsetRangeError: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed(String)
    case backwards(OffsetRange)
    case twice(Int32)
    case tooMany

    package var description: String {
        switch self {
        case .malformed(let text):
            "\"\(text)\" is not an offset range: write PARTITION:FIRST-LAST such as 3:100-199, or 3:100- up to the end"
        case .backwards(let range): "\(range) ends before it begins"
        case .twice(let partition): "partition \(partition) is given twice"
        case .tooMany: "there are more than 10000 ranges"
        }
    }
}
