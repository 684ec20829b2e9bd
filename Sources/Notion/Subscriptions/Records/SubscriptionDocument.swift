import FoundationEssentials
import TextOutput
import Timestamps

/// The JSON value of a record of the subscriptions topic, version 1. What else a value holds is of a later writer and
/// does not matter.
protocol SubscriptionDocument: Codable {
    var version: Int { get }
}

extension SubscriptionDocument {
    static var known: Int { 1 }
    // Limit: the longest is a use with four texts of 1,024 bytes, escaped.
    private static var bytesMax: Int { 64 * 1024 }

    var value: [UInt8] { SortedJSON.bytes(self) }

    /// Nil for what is no such document, or one of another version.
    static func read(_ value: [UInt8]) -> Self? {
        guard value.count <= bytesMax, let document = try? JSONDecoder().decode(Self.self, from: Data(value)) else {
            return nil
        }
        return document.version == known ? document : nil
    }

    static func text(_ milliseconds: Int64) -> String { Timestamp.text(milliseconds: milliseconds) }

    static func milliseconds(_ text: String) -> Int64? { Timestamp.milliseconds(text) }

    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
