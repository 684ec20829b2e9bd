/// What a consumer group is doing.
public enum GroupState: String, Sendable {
    /// A state that is not known here.
    case unknown
    /// Members join or leave.
    case preparingRebalance
    /// All members have joined, and partitions are being assigned.
    case completingRebalance
    /// Each member has its partitions.
    case stable
    /// The group does not exist, or is being removed.
    case dead
    /// The group has offsets and no members.
    case empty
}

/// A consumer group among others.
public struct GroupListing: Sendable, Equatable {
    /// The group's id.
    public let id: String
    /// What it is doing.
    public let state: GroupState
    /// Whether it only keeps offsets: its consumers choose their partitions themselves.
    public let isSimple: Bool
}

/// A consumer group as its coordinator sees it.
public struct GroupDescription: Sendable, Equatable {
    /// The group's id.
    public let id: String
    /// What it is doing.
    public let state: GroupState
    /// Whether it only keeps offsets: its consumers choose their partitions themselves.
    public let isSimple: Bool
    /// How partitions are divided, such as `cooperative-sticky`; empty while there are no members.
    public let assignor: String
    /// The broker that keeps the group; `nil` if it is not known.
    public let coordinator: GroupCoordinator?
    /// The members, in the order of their ids.
    public let members: [GroupMemberDescription]

    package init(
        id: String,
        state: GroupState,
        isSimple: Bool = false,
        assignor: String = "",
        coordinator: GroupCoordinator? = nil,
        members: [GroupMemberDescription] = []
    ) {
        self.id = id
        self.state = state
        self.isSimple = isSimple
        self.assignor = assignor
        self.coordinator = coordinator
        self.members = members
    }
}

/// The broker that keeps a group.
public struct GroupCoordinator: Sendable, Equatable {
    /// The broker's id.
    public let id: Int32
    /// Where clients reach it.
    public let host: String
    /// Where clients reach it.
    public let port: Int
}

/// A member of a consumer group.
public struct GroupMemberDescription: Sendable, Equatable {
    /// The member's client id; see ``ClientSettings/clientID``.
    public let clientID: String
    /// The host that it is connected from, as the broker sees it.
    public let host: String
    /// The id that the group gave it.
    public let memberID: String
    /// The id under which it rejoins; see ``GroupConsumerSettings/instanceID``.
    public let groupInstanceID: String?
    /// Its partitions, in order.
    public let assignment: [TopicPartition]

    package init(
        clientID: String,
        host: String,
        memberID: String,
        groupInstanceID: String? = nil,
        assignment: [TopicPartition] = []
    ) {
        self.clientID = clientID
        self.host = host
        self.memberID = memberID
        self.groupInstanceID = groupInstanceID
        self.assignment = assignment
    }
}
