/// A record to be sent, or one that was read.
public struct Record: Sendable, Equatable {
    /// One header. Names may repeat.
    public struct Header: Sendable, Equatable {
        /// The header's name.
        public var name: String
        /// Its bytes; `nil` for null.
        public var value: [UInt8]?

        /// A header.
        public init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    /// The topic's name.
    public var topic: String
    /// The partition it was read from; `nil` before. The partitioner chooses when a record is sent.
    public var partition: Int32?
    /// The offset it was read at; `nil` before.
    public var offset: Int64?
    /// Milliseconds since 1970; `nil` lets the client put the time of sending.
    public var timestampMilliseconds: Int64?
    /// The key's bytes; `nil` for null.
    public var key: [UInt8]?
    /// Headers in order, built at each access for a record that was read; a single one costs less by ``header(_:)``.
    public var headers: [Header] {
        get { readList?.headers ?? madeList }
        set { (madeList, readList) = (newValue, nil) }
    }
    /// The value's bytes; `nil` for null, a tombstone in a compacted topic.
    public var value: [UInt8]?

    private var madeList: [Header]
    private var readList: HeaderList?

    /// A record.
    public init(
        topic: String,
        partition: Int32? = nil,
        offset: Int64? = nil,
        timestampMilliseconds: Int64? = nil,
        key: [UInt8]? = nil,
        headers: [Header] = [],
        value: [UInt8]?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        madeList = headers
        self.value = value
    }

    /// A record that was read.
    init(
        topic: String,
        partition: Int32,
        offset: Int64,
        timestampMilliseconds: Int64?,
        key: [UInt8]?,
        headers: HeaderList?,
        value: [UInt8]?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        madeList = []
        readList = headers
        self.value = value
    }

    /// The value of the last header of that name; `nil` if there is none, or it is null.
    public func header(_ name: String) -> [UInt8]? {
        let wanted = Array(name.utf8)
        var found: [UInt8]?
        forEachHeader { other, value in
            guard other.isEqual(to: wanted.span) else { return }
            if let value { found = value.copied } else { found = nil }
        }
        return found
    }

    /// Calls `body` with the bytes of each header's name and value, in order, without allocating.
    package func forEachHeader(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>?) -> Void) {
        guard let readList else {
            for header in madeList {
                let name = Array(header.name.utf8)
                if let value = header.value { body(name.span, value.span) } else { body(name.span, nil) }
            }
            return
        }
        readList.walk(body)
    }

    /// Appends a header without rebuilding the others.
    package mutating func append(header name: Span<UInt8>, _ value: Span<UInt8>?) {
        guard readList != nil else {
            madeList.append(Header(name: String(decoding: name.copied, as: UTF8.self), value: value?.copied))
            return
        }
        ownList()?.append(name, value)
    }

    /// The headers of a record that was read, to be changed or handed over: no other record refers to them.
    mutating func ownList() -> HeaderList? {
        if !isKnownUniquelyReferenced(&readList) { readList = readList?.copy() }
        return readList
    }

    /// Whether two records are equal, whether they were read or made.
    public static func == (left: Record, right: Record) -> Bool {
        left.topic == right.topic && left.partition == right.partition && left.offset == right.offset
            && left.timestampMilliseconds == right.timestampMilliseconds && left.key == right.key
            && left.value == right.value && left.headers == right.headers
    }
}

/// Where a record was written.
public struct RecordMetadata: Sendable, Equatable {
    /// The topic's name.
    public let topic: String
    /// The partition.
    public let partition: Int32
    /// The record's offset in the partition.
    public let offset: Int64
}
