import CRdKafka
import Glibc

/// A partition of a topic.
public struct TopicPartition: Sendable, Hashable {
    /// The topic's name.
    public let topic: String
    /// The partition.
    public let partition: Int32

    /// A partition of a topic.
    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

extension TopicPartition: CustomStringConvertible, Comparable {
    /// `topic [partition]`.
    public var description: String { "\(topic) [\(partition)]" }

    /// By topic, then by number.
    public static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// An offset that a consumer group has committed, or is about to.
public struct CommittedOffset: Sendable, Equatable {
    /// The offset of the next record to handle.
    public var offset: Int64
    /// The consumer's metadata, usually empty. At most 4,096 bytes unless the broker's
    /// `offset.metadata.max.bytes` says otherwise.
    public var metadata: String

    /// An offset to commit, or one that was.
    public init(offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }
}

/// A `rd_kafka_topic_partition_list_t`, freed with the value.
struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(capacity: Int) { pointer = rd_kafka_topic_partition_list_new(Int32(capacity)) }

    init(_ partitions: some Collection<TopicPartition>) {
        self.init(capacity: partitions.count)
        for partition in partitions { add(partition) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    func add(_ partition: TopicPartition, offset: Int64? = nil, metadata: String = "") {
        guard let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition) else {
            return
        }
        if let offset { element.pointee.offset = offset }
        guard !metadata.isEmpty else { return }
        // The list frees what it is given with `free`.
        element.pointee.metadata = UnsafeMutableRawPointer(strdup(metadata))
        element.pointee.metadata_size = metadata.utf8.count
    }

    /// The elements of a list with another owner.
    static func elements(
        of list: UnsafePointer<rd_kafka_topic_partition_list_t>?
    ) -> [(partition: TopicPartition, committed: CommittedOffset, error: KafkaError?)] {
        guard let list else { return [] }
        return (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            let metadata = element.metadata.map { start in
                String(decoding: UnsafeRawBufferPointer(start: start, count: element.metadata_size), as: UTF8.self)
            }
            return (
                TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                CommittedOffset(offset: element.offset, metadata: metadata ?? ""),
                element.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(element.err)
            )
        }
    }
}
