/// A record's place in a topic that the context names.
public struct RecordPlace: Sendable, Hashable {
    /// The partition.
    public var partition: Int32
    /// The offset in the partition.
    public var offset: Int64

    /// A place.
    public init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// Reads `<partition>@<offset>`; nil for anything else.
    init?(text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Decimal<Int32>(parts[0]), let offset = Decimal<Int64>(parts[1]) else {
            return nil
        }
        self.init(partition: partition.value, offset: offset.value)
    }
}

extension RecordPlace: CustomStringConvertible {
    /// `<partition>@<offset>`.
    public var description: String { "\(partition)@\(offset)" }
}

/// A whole number as it is written: digits, no sign, nothing before them that could be left out.
struct Decimal<Value: FixedWidthInteger> {
    let value: Value

    init?(_ text: some StringProtocol) {
        guard let value = Value(text), value >= 0, text.first != "+", text.first != "-" else { return nil }
        guard text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
        self.value = value
    }
}
