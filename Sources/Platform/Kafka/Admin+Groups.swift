import CRdKafka

extension Admin {
    /// The consumer groups of the cluster, in the order of their ids.
    ///
    /// Throws if a broker did not answer, since a part of the list would pass for the whole.
    public func listGroups(timeout: Duration = .seconds(10)) async throws(KafkaError) -> [GroupListing] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.listGroups(client, timeout).sorted { $0.id < $1.id }
            }
        }
    }

    /// A consumer group: its state and its members. A group that there is none of is ``GroupState/dead``.
    ///
    /// Only members that speak the classic protocol are seen, as all of librdkafka 2.0 do, not those of KIP-848
    /// (`group.protocol=consumer`).
    public func describeGroup(
        _ id: String,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> GroupDescription {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.describeGroup(id, client, timeout)
            }
        }
    }

    /// How far a group has come: in all partitions in which it ever committed an offset, or in those of one topic.
    /// Partitions without a committed offset are missing.
    public func committedOffsets(
        group: String,
        topic: String? = nil,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                guard let topic else { return try AdminRequest.committedOffsets(group, nil, client, timeout) }
                let known = try AdminRequest.describeTopics([topic], client, timeout)[topic]
                guard let known, known.partitionCount > 0 else { return [:] }
                let partitions = (0..<known.partitionCount).map { TopicPartition(topic: topic, partition: Int32($0)) }
                return try AdminRequest.committedOffsets(group, partitions, client, timeout)
            }
        }
    }
}
