import CRdKafka
package import Kafka

/// Deletes topics, which the program never does.
package enum TopicDeletion {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Blocks until the broker has deleted it.
    package static func delete(_ topic: String, _ settings: ClientSettings) throws {
        var text = [CChar](repeating: 0, count: 256)
        let configuration = rd_kafka_conf_new()
        let servers = settings.bootstrapServers.joined(separator: ",")
        rd_kafka_conf_set(configuration, "bootstrap.servers", servers, &text, text.count)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            throw Failure(description: "no client for \(servers)")
        }
        defer { rd_kafka_destroy(client) }
        var requests = [rd_kafka_DeleteTopic_new(topic)]
        defer { rd_kafka_DeleteTopic_destroy(requests[0]) }
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        rd_kafka_DeleteTopics(client, &requests, requests.count, nil, queue)
        guard let event = rd_kafka_queue_poll(queue, 20_000) else { throw Failure(description: "no answer") }
        defer { rd_kafka_event_destroy(event) }
        var count = 0
        let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
        guard count == 1, let result = results?[0], rd_kafka_topic_result_error(result) == RD_KAFKA_RESP_ERR_NO_ERROR
        else { throw Failure(description: "\(topic) was not deleted") }
    }
}
