internal import Timestamps

extension Timestamp {
    /// `d` stands for a digit, anything else for itself.
    private static let shape = Array("dddd-dd-ddTdd:dd:dd".utf8)
    private static let offsetShape = Array("dd:dd".utf8)

    /// Whether a text is a date and time with an offset, `2026-10-06T09:02:47.713Z` for example.
    static func isValid(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 20, hasShape(text, shape, at: 0) else { return false }
        guard (1...12).contains(number(text, at: 5)), (1...31).contains(number(text, at: 8)),
            number(text, at: 11) < 24, number(text, at: 14) < 60, number(text, at: 17) <= 60
        else { return false }
        var position = 19
        if text[position] == UInt8(ascii: ".") {
            position &+= 1
            let start = position
            while position < text.count, text[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
            guard position > start, position < text.count else { return false }
        }
        if text[position] == UInt8(ascii: "Z") { return position &+ 1 == text.count }
        guard text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-"),
            position &+ 6 == text.count, hasShape(text, offsetShape, at: position &+ 1)
        else { return false }
        return number(text, at: position &+ 1) < 24 && number(text, at: position &+ 4) < 60
    }

    private static func hasShape(_ text: Span<UInt8>, _ shape: [UInt8], at offset: Int) -> Bool {
        for index in shape.indices {
            let byte = text[offset &+ index]
            let isRight = shape[index] == UInt8(ascii: "d") ? byte &- UInt8(ascii: "0") < 10 : byte == shape[index]
            guard isRight else { return false }
        }
        return true
    }

    /// Two digits' number.
    private static func number(_ text: Span<UInt8>, at offset: Int) -> Int {
        Int(text[offset] &- UInt8(ascii: "0")) &* 10 &+ Int(text[offset &+ 1] &- UInt8(ascii: "0"))
    }
}
