import CRdKafka

extension Producer {
    /// Hands a record over as it is; its report follows with the same `opaque`. Never blocks. Drained mode, owner's
    /// thread.
    ///
    /// The headers of a record that was read, and that nobody else holds, are not copied: the record has none
    /// afterwards. `topic`, `partition` and `offset` of the record are not looked at. Throws as
    /// ``produce(to:key:value:headers:timestampMilliseconds:opaque:)`` does; the record is as it was then.
    package func produce(_ record: inout Record, to topic: Topic, opaque: UInt) throws(KafkaError) {
        precondition(signal == nil, "A producer in awaited mode is used through send.")
        precondition(topic.producerNumber == number, "A topic belongs to the producer that gave it.")
        guard !hasEnded else { throw .closed }
        let time = record.timestampMilliseconds ?? 0
        let opaque = UnsafeMutableRawPointer(bitPattern: opaque)
        guard let list = record.ownList() else {
            let headers = RecordHeaders(of: record)
            return try enqueue(topic, record.key?.span, record.value?.span, headers, time, opaque)
        }
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        list.offer { headers in
            code = enqueued(topic, record.key?.span, record.value?.span, headers, time, opaque)
            return code == RD_KAFKA_RESP_ERR_NO_ERROR
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw refusal(code) }
        record.headers = []
    }
}
