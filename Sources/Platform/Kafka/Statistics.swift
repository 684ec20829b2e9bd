/// librdkafka's own figures about a producer, as metrics need them.
///
/// Source: STATISTICS.md of librdkafka. Latencies are in microseconds, over the last statistics interval.
public struct Statistics: Sendable, Equatable {
    /// A rolling window's figures.
    public struct Window: Sendable, Equatable {
        /// Mean value.
        public let average: Int
        /// Median.
        public let p50: Int
        /// 99th percentile.
        public let p99: Int
        /// Number of values.
        public let count: Int
    }

    /// One broker connection.
    public struct Broker: Sendable, Equatable {
        /// `host:port/id`, or a logical name.
        public let name: String
        /// The broker's id; -1 for bootstrap addresses.
        public let id: Int
        /// `UP`, `DOWN`, `INIT`, `TRY_CONNECT`, `CONNECT`, ….
        public let state: String
        /// Microseconds in that state.
        public let stateAgeMicroseconds: Int
        /// Requests waiting to be sent.
        public let requestsQueued: Int
        /// Records waiting to be sent.
        public let messagesQueued: Int
        /// Requests waiting for their answer.
        public let requestsInFlight: Int
        /// Transmission errors since start.
        public let sendErrors: Int
        /// Receive errors since start.
        public let receiveErrors: Int
        /// Requests sent again since start.
        public let retries: Int
        /// Requests that timed out since start.
        public let requestTimeouts: Int
        /// From `produce` to the request being queued: linger and contention.
        public let internalLatency: Window
        /// From the request being queued to the socket.
        public let outgoingLatency: Window
        /// From request to answer.
        public let roundTrip: Window

        /// True when requests can be sent.
        public var isUp: Bool { state == "UP" || state == "UPDATE" }
    }

    /// One topic's batches.
    public struct Topic: Sendable, Equatable {
        /// The topic's name.
        public let name: String
        /// Bytes in a batch.
        public let batchBytes: Window
        /// Records in a batch.
        public let batchMessages: Window
    }

    /// The idempotent producer.
    public struct Idempotence: Sendable, Equatable {
        /// `Assigned` once the producer has its id.
        public let state: String
        /// The id, or -1.
        public let producerID: Int
        /// The id's epoch, or -1.
        public let epoch: Int

        /// True when records can be sent.
        public var isAssigned: Bool { state == "Assigned" }
    }

    /// The client's name in logs.
    public let clientName: String
    /// Records not yet reported.
    public let messagesQueued: Int
    /// Their bytes.
    public let bytesQueued: Int
    /// The limit of ``messagesQueued``.
    public let messagesMax: Int
    /// The limit of ``bytesQueued``.
    public let bytesMax: Int
    /// Records sent since start.
    public let messagesSent: Int
    /// Bytes of records sent since start.
    public let messageBytesSent: Int
    /// Requests sent since start.
    public let requestsSent: Int
    /// Events waiting to be drained.
    public let eventsQueued: Int
    /// Brokers, by name.
    public let brokers: [Broker]
    /// Topics, by name.
    public let topics: [Topic]
    /// `nil` for a client that is no idempotent producer.
    public let idempotence: Idempotence?

    /// True when a broker is up and the producer has its id.
    public var isWarm: Bool { idempotence?.isAssigned == true && brokers.contains { $0.isUp } }
}

extension Statistics {
    /// Reads what a ``ProducerEvent/statistics(_:)`` event carries; `nil` if it is not librdkafka's document. A figure
    /// that this librdkafka does not give is 0.
    public init?(json: [UInt8]) {
        guard let root = StatisticsDocument.read(json) else { return nil }
        clientName = root["name"].text
        messagesQueued = root["msg_cnt"].number
        bytesQueued = root["msg_size"].number
        messagesMax = root["msg_max"].number
        bytesMax = root["msg_size_max"].number
        messagesSent = root["txmsgs"].number
        messageBytesSent = root["txmsg_bytes"].number
        requestsSent = root["tx"].number
        eventsQueued = root["replyq"].number
        brokers = root["brokers"].members.map { Broker($0.value) }.sorted { $0.name < $1.name }
        topics = root["topics"].members.map { Topic($0.value) }.sorted { $0.name < $1.name }
        let eos = root["eos"]
        idempotence = eos.members.isEmpty ? nil : Idempotence(eos)
    }
}

extension Statistics.Broker {
    init(_ node: StatisticsDocument) {
        name = node["name"].text
        id = node["nodeid"].number
        state = node["state"].text
        stateAgeMicroseconds = node["stateage"].number
        requestsQueued = node["outbuf_cnt"].number
        messagesQueued = node["outbuf_msg_cnt"].number
        requestsInFlight = node["waitresp_cnt"].number
        sendErrors = node["txerrs"].number
        receiveErrors = node["rxerrs"].number
        retries = node["txretries"].number
        requestTimeouts = node["req_timeouts"].number
        internalLatency = Statistics.Window(node["int_latency"])
        outgoingLatency = Statistics.Window(node["outbuf_latency"])
        roundTrip = Statistics.Window(node["rtt"])
    }
}

extension Statistics.Topic {
    init(_ node: StatisticsDocument) {
        name = node["topic"].text
        batchBytes = Statistics.Window(node["batchsize"])
        batchMessages = Statistics.Window(node["batchcnt"])
    }
}

extension Statistics.Idempotence {
    init(_ node: StatisticsDocument) {
        state = node["idemp_state"].text
        producerID = node["producer_id"].number
        epoch = node["producer_epoch"].number
    }
}

extension Statistics.Window {
    init(_ node: StatisticsDocument) {
        average = node["avg"].number
        p50 = node["p50"].number
        p99 = node["p99"].number
        count = node["cnt"].number
    }
}
