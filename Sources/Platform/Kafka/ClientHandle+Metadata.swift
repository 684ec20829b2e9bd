import CRdKafka

extension ClientHandle {
    /// Partition count of a topic of this client; blocks.
    func partitionCount(_ topic: OpaquePointer, _ timeout: Duration) throws(KafkaError) -> Int {
        try borrow { client throws(KafkaError) in
            var answer: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(client, 0, topic, &answer, timeout.clampedMilliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
            defer { rd_kafka_metadata_destroy(answer) }
            guard answer.pointee.topic_cnt > 0 else { throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) }
            let found = answer.pointee.topics[0]
            guard found.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(found.err) }
            return Int(found.partition_cnt)
        }
    }
}
