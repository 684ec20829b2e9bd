import CRdKafka

/// A cluster and some of its topics, as a broker describes them now.
package struct ClusterDescription: Sendable, Equatable {
    /// A partition of a topic.
    package struct Partition: Sendable, Equatable {
        /// False while no broker leads it, so that nobody can write or read.
        package let hasLeader: Bool
        package let replicas: Int
        package let inSyncReplicas: Int

        package init(hasLeader: Bool, replicas: Int, inSyncReplicas: Int) {
            self.hasLeader = hasLeader
            self.replicas = replicas
            self.inSyncReplicas = inSyncReplicas
        }
    }

    package let brokers: Int
    /// By name; topics that do not exist, or may not be seen, are missing.
    package let topics: [String: [Partition]]

    package init(brokers: Int, topics: [String: [Partition]]) {
        self.brokers = brokers
        self.topics = topics
    }
}

extension Admin {
    /// Describes the cluster and those of the named topics that exist. Creates none, whatever the broker's settings.
    package func describeCluster(
        topics names: [String],
        timeout: Duration
    ) async throws(KafkaError) -> ClusterDescription {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.describeCluster(names, client, timeout)
            }
        }
    }

    /// What the client met since it was asked last, oldest first: a request that got no answer says only that its time
    /// is over, the reason is here.
    package func takeErrors() -> [KafkaError] {
        var errors: [KafkaError] = []
        try? client.borrow { _ throws(KafkaError) in
            while let event = rd_kafka_queue_poll(client.queue, 0) {
                if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR { errors.append(KafkaError(event: event)) }
                rd_kafka_event_destroy(event)
            }
        }
        return errors
    }
}

extension AdminRequest {
    /// All topics are asked for, since asking for one by name may create it.
    static func describeCluster(
        _ names: [String],
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> ClusterDescription {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 1, nil, &answer, timeout.clampedMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(answer) }
        let wanted = Set(names)
        var topics: [String: [ClusterDescription.Partition]] = [:]
        for index in 0..<Int(answer.pointee.topic_cnt) {
            let topic = answer.pointee.topics[index]
            let name = String(cString: topic.topic)
            guard wanted.contains(name) else { continue }
            topics[name] = (0..<Int(topic.partition_cnt)).map { number in
                let partition = topic.partitions[number]
                return ClusterDescription.Partition(
                    hasLeader: partition.leader >= 0,
                    replicas: Int(partition.replica_cnt),
                    inSyncReplicas: Int(partition.isr_cnt)
                )
            }
        }
        return ClusterDescription(brokers: Int(answer.pointee.broker_cnt), topics: topics)
    }
}
