import CRdKafka
import Dispatch
package import Kafka

/// librdkafka's own Kafka cluster in this process: real wire protocol on loopback ports, records in memory only.
/// Limit: each partition keeps its newest 5 MiB. Admin requests of clients are not supported (create topics here), nor
/// are look-ups by time. A topic that was not created gets four partitions when it is first asked for.
/// Safety: the cluster runs on a thread of its own, and every call below only sends it a message; `close` belongs to
/// the owner and comes last.
package final class EmbeddedCluster: @unchecked Sendable {
    package enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetFetch = 9
        case initProducerID = 22
    }

    package let bootstrapServers: String

    private let host: OpaquePointer
    private let cluster: OpaquePointer
    private var isClosed = false

    /// Starts brokers with the ids 1, 2, … on free ports.
    package init(brokers: Int = 1) throws(KafkaError) {
        // The client whose threads and log the cluster uses; it connects to no broker.
        var text = [CChar](repeating: 0, count: 512)
        let configuration = rd_kafka_conf_new()
        // Tests break connections on purpose; nothing below an error is logged.
        rd_kafka_conf_set(configuration, "log_level", "3", &text, text.count)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(code: rd_kafka_last_error().rawValue, detail: "the embedded cluster has no host")
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
            rd_kafka_destroy(client)
            throw KafkaError(code: rd_kafka_last_error().rawValue, detail: "the embedded cluster did not start")
        }
        host = client
        self.cluster = cluster
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    /// A cluster that was not closed is freed on another thread, since that may take a second.
    deinit {
        guard !isClosed else { return }
        let ended = Ended(host: host, cluster: cluster)
        DispatchQueue.global().async { ended.free() }
    }

    package func createTopic(_ name: String, partitions: Int = 12, replicationFactor: Int = 1) throws(KafkaError) {
        try check(rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(replicationFactor)))
    }

    /// Makes a topic's metadata carry this error (its raw code; 0 clears it).
    package func fail(topic: String, code: Int32) {
        rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(code))
    }

    package func brokerDown(_ id: Int = 1) throws(KafkaError) {
        try check(rd_kafka_mock_broker_set_down(cluster, Int32(id)))
    }

    package func brokerUp(_ id: Int = 1) throws(KafkaError) {
        try check(rd_kafka_mock_broker_set_up(cluster, Int32(id)))
    }

    package func roundTripTime(milliseconds: Int, broker id: Int = 1) throws(KafkaError) {
        try check(rd_kafka_mock_broker_set_rtt(cluster, Int32(id), Int32(milliseconds)))
    }

    /// Answers the next requests of a kind with these errors (raw codes), one each.
    package func fail(_ request: Request, codes: [Int32]) {
        var errors = codes.map { rd_kafka_resp_err_t($0) }
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, &errors)
    }

    /// Drops the errors that have not been returned yet.
    package func heal(_ request: Request) { rd_kafka_mock_clear_request_errors(cluster, request.rawValue) }

    /// Ends the brokers and frees everything. Idempotent. Blocks for up to a second. Close the clients first.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        Ended(host: host, cluster: cluster).free()
    }

    /// Safety: carries the pointers to the thread that frees what they point to.
    private struct Ended: @unchecked Sendable {
        let host: OpaquePointer
        let cluster: OpaquePointer

        func free() {
            rd_kafka_mock_cluster_destroy(cluster)
            rd_kafka_destroy(host)
        }
    }

    private func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code: code.rawValue) }
    }
}
