/// What is known of a trailer's name while it is read: whether it is one that speaks of framing. A sender must not put
/// these into trailers (RFC 9110 section 6.5.1), and a reader that merges trailers into the head would believe them.
struct TrailerName {
    private var count = 0
    private var mayBeLength = true
    private var mayBeCoding = true

    mutating func append(_ byte: UInt8) {
        let letter = ASCII.lowered(byte)
        mayBeLength = mayBeLength && Self.holds(letter, at: count, in: "content-length")
        mayBeCoding = mayBeCoding && Self.holds(letter, at: count, in: "transfer-encoding")
        count += 1
    }

    var speaksOfFraming: Bool {
        (mayBeLength && count == "content-length".utf8.count)
            || (mayBeCoding && count == "transfer-encoding".utf8.count)
    }

    private static func holds(_ letter: UInt8, at index: Int, in name: String) -> Bool {
        let letters = name.utf8.span
        return index < letters.count && letters[index] == letter
    }
}
