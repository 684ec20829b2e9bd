import CRdKafka

/// The version of the librdkafka this process runs with, which may differ from the one it was built with.
public struct LibraryVersion: Sendable, Comparable, CustomStringConvertible {
    /// `0xMMmmrrpp`, as `rd_kafka_version()` gives it.
    public let number: UInt32

    /// The loaded library.
    public static let current = LibraryVersion(number: UInt32(bitPattern: rd_kafka_version()))

    /// The oldest one that has every call used here.
    public static let minimum = LibraryVersion(number: 0x0200_02ff)

    /// The version as people write it, such as `2.0.2`.
    public var description: String {
        "\(number >> 24).\(number >> 16 & 0xff).\(number >> 8 & 0xff)"
    }

    /// Orders by version.
    public static func < (left: LibraryVersion, right: LibraryVersion) -> Bool { left.number < right.number }

    /// Refuses a library that is too old, in a sentence that says which one is needed.
    public static func check() throws(KafkaError) { try check(current) }

    static func check(_ version: LibraryVersion) throws(KafkaError) {
        guard version < minimum else { return }
        throw KafkaError(
            RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
            detail: "librdkafka \(version) is loaded, \(minimum) or newer is needed"
        )
    }
}
