import CRdKafka

/// The rights of users at a broker with an authorizer. Blocks; a change is in force when a call has returned.
///
/// Safety: librdkafka's clients may be used from any thread, and the handle lives as long as this does.
package final class AccessControl: @unchecked Sendable {
    package enum Resource: Sendable, Equatable {
        case topic(String)
        case group(String)
        case cluster
    }

    package struct Right: Sendable, Equatable {
        package let operation: String
        package let resource: Resource

        /// An operation as Kafka's tools name it: `Read`, `DescribeConfigs`.
        package init(_ operation: String, on resource: Resource) {
            self.operation = operation
            self.resource = resource
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let operations: [String: rd_kafka_AclOperation_t] = [
        "Read": RD_KAFKA_ACL_OPERATION_READ, "Write": RD_KAFKA_ACL_OPERATION_WRITE,
        "Create": RD_KAFKA_ACL_OPERATION_CREATE, "Describe": RD_KAFKA_ACL_OPERATION_DESCRIBE,
        "DescribeConfigs": RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
        "IdempotentWrite": RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE,
    ]

    private let client: OpaquePointer

    package init(bootstrapServers: String) throws {
        let settings = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 256)
        rd_kafka_conf_set(settings, "bootstrap.servers", bootstrapServers, &text, text.count)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, settings, &text, text.count) else {
            rd_kafka_conf_destroy(settings)
            throw Failure(description: "no client for \(bootstrapServers)")
        }
        self.client = client
    }

    deinit { rd_kafka_destroy(client) }

    /// From now on the user has these rights and no others.
    package func set(_ rights: [Right], for user: String) throws {
        try delete(user)
        try create(rights, user)
        try wait(for: rights.count, user)
    }

    private func create(_ rights: [Right], _ user: String) throws {
        guard !rights.isEmpty else { return }
        var bindings: [OpaquePointer?] = try rights.map { try binding($0, user) }
        defer { for binding in bindings { rd_kafka_AclBinding_destroy(binding) } }
        try answer("CreateAcls") { queue in
            rd_kafka_CreateAcls(client, &bindings, bindings.count, nil, queue)
        } read: { event in
            var count = 0
            let results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)
            for index in 0..<count {
                guard let error = rd_kafka_acl_result_error(results?[index]) else { continue }
                throw Failure(description: String(cString: rd_kafka_error_string(error)))
            }
        }
    }

    private func delete(_ user: String) throws {
        var filters: [OpaquePointer?] = [filter(user)]
        defer { rd_kafka_AclBinding_destroy(filters[0]) }
        try answer("DeleteAcls") { queue in
            rd_kafka_DeleteAcls(client, &filters, filters.count, nil, queue)
        } read: { _ in
        }
        try wait(for: 0, user)
    }

    /// The controller has a change before the broker's authorizer has it, which is what is asked here.
    private func wait(for wanted: Int, _ user: String) throws {
        let filter = filter(user)
        defer { rd_kafka_AclBinding_destroy(filter) }
        let deadline = ContinuousClock.now + .seconds(20)
        var found = -1
        while found != wanted {
            guard .now < deadline else { throw Failure(description: "\(user) has \(found) rights, not \(wanted)") }
            try answer("DescribeAcls") { queue in
                rd_kafka_DescribeAcls(client, filter, nil, queue)
            } read: { event in
                var count = 0
                _ = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count)
                found = count
            }
        }
    }

    private func binding(_ right: Right, _ user: String) throws -> OpaquePointer? {
        guard let operation = Self.operations[right.operation] else {
            throw Failure(description: "\(right.operation) is no operation")
        }
        let (type, name) =
            switch right.resource {
            case .topic(let name): (RD_KAFKA_RESOURCE_TOPIC, name)
            case .group(let name): (RD_KAFKA_RESOURCE_GROUP, name)
            case .cluster: (RD_KAFKA_RESOURCE_BROKER, "kafka-cluster")
            }
        return rd_kafka_AclBinding_new(
            type,
            name,
            RD_KAFKA_RESOURCE_PATTERN_LITERAL,
            "User:\(user)",
            "*",
            operation,
            RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
            nil,
            0
        )
    }

    private func filter(_ user: String) -> OpaquePointer? {
        rd_kafka_AclBindingFilter_new(
            RD_KAFKA_RESOURCE_ANY,
            nil,
            RD_KAFKA_RESOURCE_PATTERN_ANY,
            "User:\(user)",
            nil,
            RD_KAFKA_ACL_OPERATION_ANY,
            RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
            nil,
            0
        )
    }

    private func answer(
        _ what: String,
        ask: (OpaquePointer?) -> Void,
        read: (OpaquePointer) throws -> Void
    ) throws {
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        ask(queue)
        guard let event = rd_kafka_queue_poll(queue, 20_000) else { throw Failure(description: "\(what): no answer") }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Failure(description: "\(what): \(String(cString: rd_kafka_event_error_string(event)))")
        }
        try read(event)
    }
}
