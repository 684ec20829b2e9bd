/// Why a record was given up, in a word.
public struct DeadLetterReason: Sendable, Hashable {
    /// One to 64 of `a-z`, `0-9` and `_`.
    public let word: String

    /// The handler said so, and gave no word of its own.
    public static let handler = DeadLetterReason(known: "handler")
    /// The handler failed as often as it may.
    public static let attempts = DeadLetterReason(known: "attempts")
    /// An earlier record of its key was given up, and order had to be kept.
    public static let parked = DeadLetterReason(known: "parked")

    /// A word; nil for what is none.
    public init?(_ word: String) {
        guard (1...64).contains(word.utf8.count) else { return nil }
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard isPlain else { return nil }
        self.word = word
    }

    private init(known word: String) {
        self.word = word
    }
}

extension DeadLetterReason: CustomStringConvertible {
    /// The word.
    public var description: String { word }
}
