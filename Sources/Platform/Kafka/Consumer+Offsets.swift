import CRdKafka

extension Consumer {
    static func resolve(
        _ position: Position,
        _ topic: String,
        _ partitions: [Int32],
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [(Int32, Int64)] {
        var found: [(Int32, Int64)] = []
        switch position {
        case .beginning: found = partitions.map { ($0, Int64(RD_KAFKA_OFFSET_BEGINNING)) }
        case .offset(let offset): found = partitions.map { ($0, offset) }
        case .end:
            for partition in partitions {
                found.append((partition, try watermarks(topic, partition, client, timeout).upperBound))
            }
        case .timestamp(let time):
            for (partition, offset) in try offsets(topic, partitions, time, client, timeout) {
                let known = offset >= 0 ? offset : try watermarks(topic, partition, client, timeout).upperBound
                found.append((partition, known))
            }
        }
        return found
    }

    static func watermarks(
        _ topic: String,
        _ partition: Int32,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        let limit = timeout.clampedMilliseconds
        let code = rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, limit)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return low..<max(low, high)
    }

    /// -1 where no record is that young.
    private static func offsets(
        _ topic: String,
        _ partitions: [Int32],
        _ time: Int64,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [(Int32, Int64)] {
        guard let list = rd_kafka_topic_partition_list_new(Int32(partitions.count)) else { return [] }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for partition in partitions {
            rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = time
        }
        let code = rd_kafka_offsets_for_times(client, list, timeout.clampedMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        var found: [(Int32, Int64)] = []
        for index in 0..<Int(list.pointee.cnt) {
            let element = list.pointee.elems[index]
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(element.err) }
            found.append((element.partition, element.offset))
        }
        return found
    }
}
