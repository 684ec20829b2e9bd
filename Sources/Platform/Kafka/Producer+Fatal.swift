import CRdKafka

extension Producer {
    /// Raises a fatal error, which nothing short of a broken broker does: for tests of what the owner does then.
    package func raiseFatalError(code: Int32, reason: String) {
        _ = try? client.borrow { client throws(KafkaError) in
            rd_kafka_test_fatal_error(client, rd_kafka_resp_err_t(code), reason)
        }
    }
}
