import CRdKafka
import Dispatch
import Synchronization

/// Knows whether a member of a group is between JoinGroup and the answer to SyncGroup: librdkafka has no call for that,
/// but lets interceptors see each request and each response.
///
/// Safety: librdkafka holds an unretained pointer to this object for as long as its client exists; the owner of the
/// client keeps this object as well.
final class JoinWatch: Sendable {
    // The numbers of Kafka's protocol.
    private static let joinGroup: Int16 = 11
    private static let heartbeat: Int16 = 12
    private static let leaveGroup: Int16 = 13
    private static let syncGroup: Int16 = 14

    /// The answer to a heartbeat may say that it is time to join, which then follows within this time: long enough
    /// for a busy machine, and short compared with the seconds between heartbeats.
    private static let pauseNanoseconds: UInt64 = 50_000_000

    private let joining = Atomic<Bool>(false)
    private let lastHeartbeat = Atomic<UInt64>(0)
    /// Called on librdkafka's threads when the answer has arrived.
    private let onEnd: @Sendable () -> Void

    init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    /// Whether it is joining, or may be about to.
    var isJoining: Bool {
        let now = DispatchTime.now().uptimeNanoseconds
        return joining.load(ordering: .acquiring)
            || now < lastHeartbeat.load(ordering: .acquiring) + Self.pauseNanoseconds
    }

    /// Intercepts the requests of the client that is created from this configuration.
    func watch(_ configuration: OpaquePointer) {
        rd_kafka_conf_interceptor_add_on_new(
            configuration,
            "join-watch",
            { client, _, opaque, _, _ in
                rd_kafka_interceptor_add_on_request_sent(
                    client,
                    "join-watch",
                    { _, _, _, _, api, _, _, _, opaque in JoinWatch.at(opaque)?.sent(api) ?? RD_KAFKA_RESP_ERR_NO_ERROR
                    },
                    opaque
                )
                return rd_kafka_interceptor_add_on_response_received(
                    client,
                    "join-watch",
                    { _, _, _, _, api, _, _, _, _, _, opaque in
                        JoinWatch.at(opaque)?.received(api) ?? RD_KAFKA_RESP_ERR_NO_ERROR
                    },
                    opaque
                )
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    private static func at(_ opaque: UnsafeMutableRawPointer?) -> JoinWatch? {
        opaque.map { Unmanaged<JoinWatch>.fromOpaque($0).takeUnretainedValue() }
    }

    private func sent(_ api: Int16) -> rd_kafka_resp_err_t {
        if api == Self.joinGroup { joining.store(true, ordering: .releasing) }
        if api == Self.leaveGroup { joining.store(false, ordering: .releasing) }
        return RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// The answer to JoinGroup was understood before SyncGroup was sent.
    private func received(_ api: Int16) -> rd_kafka_resp_err_t {
        if api == Self.heartbeat { lastHeartbeat.store(DispatchTime.now().uptimeNanoseconds, ordering: .releasing) }
        guard api == Self.syncGroup else { return RD_KAFKA_RESP_ERR_NO_ERROR }
        joining.store(false, ordering: .releasing)
        onEnd()
        return RD_KAFKA_RESP_ERR_NO_ERROR
    }
}
