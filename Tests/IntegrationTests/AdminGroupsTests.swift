import Kafka
import TestSupport
import Testing

@Suite(.needsKafka, .timeLimit(.minutes(3)))
struct AdminGroupsTests {
    private static let group = "admin-groups"

    private func member(_ client: ClientSettings, clientID: String, instanceID: String?) throws -> GroupMember {
        var client = client
        client.clientID = clientID
        return try GroupMember(
            GroupConsumerSettings(
                client: client,
                group: Self.group,
                instanceID: instanceID,
                sessionTimeoutMilliseconds: 6000,
                fetchWaitMilliseconds: 10
            )
        )
    }

    @Test
    func `a group is listed and described as long as it lives, and its offsets stay`() async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        let admin = try Admin(client)
        defer { admin.close() }
        // A broker that has just started may not know yet which groups it keeps.
        let before = try await eventually(within: .seconds(30), "a coordinator") {
            do {
                return try await admin.describeGroup(Self.group)
            } catch let error as KafkaError where error.isRetriable {
                return GroupDescription?.none
            }
        }
        #expect(before.state == .dead && before.members.isEmpty && before.assignor.isEmpty)
        #expect(try await admin.committedOffsets(group: Self.group) == [:])

        let member = try member(client, clientID: "billing-1", instanceID: "one")
        try member.consumer.subscribe(to: [topic])
        let partitions = try await member.assigned()
        try member.consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        let committed = [
            TopicPartition(topic: topic, partition: 0): CommittedOffset(offset: 0),
            TopicPartition(topic: topic, partition: 2): CommittedOffset(offset: 7, metadata: "relay1:3-2,4 ü"),
        ]
        #expect(try await member.commit(committed).error == nil)
        try await describeLiving(admin, topic, client)
        #expect(try await admin.committedOffsets(group: Self.group) == committed)
        #expect(try await admin.committedOffsets(group: Self.group, topic: topic) == committed)
        #expect(try await admin.committedOffsets(group: Self.group, topic: "missing") == [:])

        try await member.leave()
        // A static member's place is kept until its session times out.
        try await eventually(within: .seconds(30), "an empty group") {
            try await admin.describeGroup(Self.group).state == .empty ? true : nil
        }
        #expect(try await admin.committedOffsets(group: Self.group) == committed)
    }

    private func describeLiving(_ admin: Admin, _ topic: String, _ client: ClientSettings) async throws {
        let listed = try await admin.listGroups().filter { $0.id == Self.group }
        #expect(listed.map(\.state) == [.stable] && listed.map(\.isSimple) == [false])
        let group = try await admin.describeGroup(Self.group)
        #expect(group.id == Self.group && group.state == .stable && !group.isSimple)
        #expect(group.assignor == "cooperative-sticky")
        let coordinator = try #require(group.coordinator)
        #expect(["\(coordinator.host):\(coordinator.port)"] == client.bootstrapServers && coordinator.id >= 0)
        let found = try #require(group.members.first)
        #expect(group.members.count == 1)
        #expect(found.clientID == "billing-1" && found.groupInstanceID == "one" && found.host.contains("127.0.0.1"))
        #expect(found.memberID.hasPrefix("one-"))
        #expect(found.assignment == (0..<3).map { TopicPartition(topic: topic, partition: $0) })
    }

    @Test
    func `a consumer that only commits has a simple group`() async throws {
        let (topic, client) = try await SharedKafka.topic()
        let partition = TopicPartition(topic: topic, partition: 0)
        let settings = GroupConsumerSettings(client: client, group: "admin-groups-simple")
        let member = try GroupMember(settings)
        let report = try await member.commit([partition: CommittedOffset(offset: 3)])
        #expect(report.error == nil)
        member.consumer.close()
        let admin = try Admin(client)
        defer { admin.close() }
        let listed = try await admin.listGroups().filter { $0.id == settings.group }
        #expect(listed.map(\.state) == [.empty] && listed.map(\.isSimple) == [true])
        let group = try await admin.describeGroup(settings.group)
        #expect(group.isSimple && group.members.isEmpty && group.state == .empty)
    }
}
