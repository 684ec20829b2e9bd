/// Points in time as RFC 3339 writes them.
enum Timestamp {
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

    /// A point in time, given in milliseconds since 1970, in UTC: always 24 bytes. What lies outside the years 1970 to
    /// 9999 becomes the nearest end of them.
    static func text(milliseconds: Int64) -> InlineArray<24, UInt8> {
        let total = Int(min(max(milliseconds, 0), 253_402_300_799_999))
        let (days, rest) = total.quotientAndRemainder(dividingBy: 86_400_000)
        // Days are counted from 1 March of a year 0, so that the leap day comes last (proleptic Gregorian calendar).
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)

        var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "-"))
        put(year, digits: 4, at: 0, in: &text)
        put(month, digits: 2, at: 5, in: &text)
        put(day, digits: 2, at: 8, in: &text)
        put(rest / 3_600_000, digits: 2, at: 11, in: &text)
        put(rest / 60_000 % 60, digits: 2, at: 14, in: &text)
        put(rest / 1_000 % 60, digits: 2, at: 17, in: &text)
        put(rest % 1_000, digits: 3, at: 20, in: &text)
        text[10] = UInt8(ascii: "T")
        text[13] = UInt8(ascii: ":")
        text[16] = UInt8(ascii: ":")
        text[19] = UInt8(ascii: ".")
        text[23] = UInt8(ascii: "Z")
        return text
    }

    @inline(__always)
    private static func put(_ number: Int, digits: Int, at offset: Int, in text: inout InlineArray<24, UInt8>) {
        var rest = number
        for index in stride(from: digits &- 1, through: 0, by: -1) {
            text[offset &+ index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
