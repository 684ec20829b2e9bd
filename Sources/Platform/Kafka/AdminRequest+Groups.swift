import CRdKafka

extension AdminRequest {
    static func listGroups(_ client: OpaquePointer, _ timeout: Duration) throws(KafkaError) -> [GroupListing] {
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try set(options, timeout)
        return try answer(client, timeout) { queue in
            rd_kafka_ListConsumerGroups(client, options, queue)
        } read: { event throws(KafkaError) in
            let result = rd_kafka_event_ListConsumerGroups_result(event)
            var count = 0
            if let errors = rd_kafka_ListConsumerGroups_result_errors(result, &count), count > 0 {
                throw KafkaError(borrowing: errors[0]) ?? KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN)
            }
            let found = rd_kafka_ListConsumerGroups_result_valid(result, &count)
            return (0..<count).compactMap { index in found?[index].map(GroupListing.init) }
        }
    }

    static func describeGroup(
        _ id: String,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> GroupDescription {
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try set(options, timeout)
        return try answer(client, timeout) { queue in
            id.withCString { text in
                var ids: [UnsafePointer<CChar>?] = [text]
                rd_kafka_DescribeConsumerGroups(client, &ids, ids.count, options, queue)
            }
        } read: { event throws(KafkaError) in
            var count = 0
            let result = rd_kafka_event_DescribeConsumerGroups_result(event)
            let found = rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
            guard count == 1, let group = found?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG) }
            if let error = KafkaError(borrowing: rd_kafka_ConsumerGroupDescription_error(group)) { throw error }
            return GroupDescription(group)
        }
    }

    /// `nil` for the partitions means all that the group has offsets of.
    static func committedOffsets(
        _ group: String,
        _ partitions: [TopicPartition]?,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        var request = request(group, partitions)
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try set(options, timeout)
        return try answer(client, timeout) { queue in
            rd_kafka_ListConsumerGroupOffsets(client, &request, 1, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            guard count == 1, let found = groups?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG) }
            if let error = KafkaError(borrowing: rd_kafka_group_result_error(found)) { throw error }
            var offsets: [TopicPartition: CommittedOffset] = [:]
            for (partition, committed, error) in PartitionList.elements(of: rd_kafka_group_result_partitions(found)) {
                if let error { throw error }
                if committed.offset >= 0 { offsets[partition] = committed }
            }
            return offsets
        }
    }

    /// The request has a copy of the list.
    private static func request(_ group: String, _ partitions: [TopicPartition]?) -> OpaquePointer? {
        guard let partitions else { return rd_kafka_ListConsumerGroupOffsets_new(group, nil) }
        let list = PartitionList(partitions)
        return rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer)
    }
}

extension GroupState {
    init(_ state: rd_kafka_consumer_group_state_t) {
        self =
            switch state {
            case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE: .preparingRebalance
            case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE: .completingRebalance
            case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE: .stable
            case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD: .dead
            case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY: .empty
            default: .unknown
            }
    }
}

extension GroupListing {
    init(_ listing: OpaquePointer) {
        id = String(cString: rd_kafka_ConsumerGroupListing_group_id(listing))
        state = GroupState(rd_kafka_ConsumerGroupListing_state(listing))
        isSimple = rd_kafka_ConsumerGroupListing_is_simple_consumer_group(listing) != 0
    }
}

extension GroupDescription {
    init(_ group: OpaquePointer) {
        id = String(cString: rd_kafka_ConsumerGroupDescription_group_id(group))
        state = GroupState(rd_kafka_ConsumerGroupDescription_state(group))
        isSimple = rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(group) != 0
        assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(group).map { String(cString: $0) } ?? ""
        coordinator = rd_kafka_ConsumerGroupDescription_coordinator(group).map { node in
            GroupCoordinator(
                id: rd_kafka_Node_id(node),
                host: rd_kafka_Node_host(node).map { String(cString: $0) } ?? "",
                port: Int(rd_kafka_Node_port(node))
            )
        }
        let count = rd_kafka_ConsumerGroupDescription_member_count(group)
        members = (0..<count)
            .compactMap { rd_kafka_ConsumerGroupDescription_member(group, $0).map(GroupMemberDescription.init) }
            .sorted { $0.memberID < $1.memberID }
    }
}

extension GroupMemberDescription {
    init(_ member: OpaquePointer) {
        func text(_ start: UnsafePointer<CChar>?) -> String? { start.map { String(cString: $0) } }
        clientID = text(rd_kafka_MemberDescription_client_id(member)) ?? ""
        host = text(rd_kafka_MemberDescription_host(member)) ?? ""
        memberID = text(rd_kafka_MemberDescription_consumer_id(member)) ?? ""
        groupInstanceID = text(rd_kafka_MemberDescription_group_instance_id(member))
        let assignment = rd_kafka_MemberDescription_assignment(member)
        let partitions = assignment.flatMap { rd_kafka_MemberAssignment_partitions($0) }
        self.assignment = PartitionList.elements(of: partitions).map(\.partition).sorted()
    }
}
