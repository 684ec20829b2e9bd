import CRdKafka

/// Admin requests, each with its own queue; they block until the answer has arrived.
enum AdminRequest {
    static func createTopics(
        _ topics: [NewTopic],
        _ validateOnly: Bool,
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [TopicResult] {
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try request(topic)) }
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try set(options, timeout)
        if validateOnly { try call { rd_kafka_AdminOptions_set_validate_only(options, 1, $0, $1) } }
        return try answer(client, timeout) { queue in
            rd_kafka_CreateTopics(client, &requests, requests.count, options, queue)
        } read: { event in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            return (0..<count).compactMap { index in results?[index].map(TopicResult.init) }
        }
    }

    private static func request(_ topic: NewTopic) throws(KafkaError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        let partitions = Int32(clamping: topic.partitions)
        let replicas = Int32(clamping: topic.replicationFactor)
        guard let request = rd_kafka_NewTopic_new(topic.name, partitions, replicas, &text, text.count) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, detail: "topic \"\(topic.name)\": \(text.textUpToNUL)")
        }
        for (name, value) in topic.config {
            let code = rd_kafka_NewTopic_set_config(request, name, value)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                rd_kafka_NewTopic_destroy(request)
                throw KafkaError(code, detail: "topic \"\(topic.name)\": setting \(name) was refused")
            }
        }
        return request
    }

    /// All topics are asked for, since asking for one by name may create it.
    static func describeTopics(
        _ names: [String],
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [String: TopicDescription] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 1, nil, &answer, timeout.clampedMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(answer) }
        let wanted = Set(names)
        var found: [String: TopicDescription] = [:]
        for index in 0..<Int(answer.pointee.topic_cnt) {
            let topic = answer.pointee.topics[index]
            let name = String(cString: topic.topic)
            guard wanted.contains(name) else { continue }
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(topic.err) }
            let replicas = (0..<Int(topic.partition_cnt)).map { Int(topic.partitions[$0].replica_cnt) }
            found[name] = TopicDescription(
                name: name,
                partitionCount: replicas.count,
                replicationFactor: replicas.min() ?? 0
            )
        }
        return found
    }

    static func describeConfigs(
        _ names: [String],
        _ client: OpaquePointer,
        _ timeout: Duration
    ) throws(KafkaError) -> [String: [String: TopicDescription.ConfigEntry]] {
        var resources: [OpaquePointer?] = names.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        let options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try set(options, timeout)
        return try answer(client, timeout) { queue in
            rd_kafka_DescribeConfigs(client, &resources, resources.count, options, queue)
        } read: { event throws(KafkaError) in
            var count = 0
            let result = rd_kafka_event_DescribeConfigs_result(event)
            let found = rd_kafka_DescribeConfigs_result_resources(result, &count)
            var configs: [String: [String: TopicDescription.ConfigEntry]] = [:]
            for index in 0..<count {
                guard let resource = found?[index] else { continue }
                let name = String(cString: rd_kafka_ConfigResource_name(resource))
                configs[name] = try entries(resource, name)
            }
            return configs
        }
    }

    /// Nil for a topic that does not exist.
    private static func entries(
        _ resource: OpaquePointer,
        _ topic: String
    ) throws(KafkaError) -> [String: TopicDescription.ConfigEntry]? {
        let code = rd_kafka_ConfigResource_error(resource)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let error = KafkaError(code)
            if error.isUnknownTopic { return nil }
            guard error.isTopicAuthorization else {
                throw KafkaError(
                    code,
                    detail: rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
                )
            }
            let detail = "\(error.message); grant this user Describe and DescribeConfigs on topic \(topic)"
            throw KafkaError(code, detail: detail)
        }
        var count = 0
        let configs = rd_kafka_ConfigResource_configs(resource, &count)
        var entries: [String: TopicDescription.ConfigEntry] = [:]
        for index in 0..<count {
            guard let entry = configs?[index] else { continue }
            entries[String(cString: rd_kafka_ConfigEntry_name(entry))] = TopicDescription.ConfigEntry(
                value: rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) },
                isDefault: rd_kafka_ConfigEntry_is_default(entry) != 0
            )
        }
        return entries
    }

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

    private static func set(_ options: OpaquePointer?, _ timeout: Duration) throws(KafkaError) {
        let limit = timeout.clampedMilliseconds
        try call { rd_kafka_AdminOptions_set_request_timeout(options, limit, $0, $1) }
    }

    private static func call(_ body: (UnsafeMutablePointer<CChar>?, Int) -> rd_kafka_resp_err_t) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        let size = text.count
        let code = text.withUnsafeMutableBufferPointer { body($0.baseAddress, size) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, detail: text.textUpToNUL) }
    }

    /// Limit: the request has its own timeout; one more second lets its error arrive first.
    private static func answer<Answer>(
        _ client: OpaquePointer,
        _ timeout: Duration,
        ask: (OpaquePointer?) -> Void,
        read: (OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        ask(queue)
        guard let event = rd_kafka_queue_poll(queue, (timeout + .seconds(1)).clampedMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
        }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(event: event) }
        return try read(event)
    }
}

extension TopicResult {
    init(_ result: OpaquePointer) {
        name = String(cString: rd_kafka_topic_result_name(result))
        let code = rd_kafka_topic_result_error(result)
        let detail = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
        error = code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, detail: detail)
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
