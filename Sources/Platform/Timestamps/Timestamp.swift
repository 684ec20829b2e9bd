/// Times as people read them: ISO 8601 in UTC with milliseconds.
package enum Timestamp {
    /// `2026-10-06T09:02:47.713Z`. Years outside 0...9999 are clamped to the nearest representable time.
    package static func text(milliseconds: Int64) -> String {
        String(decoding: bytes(milliseconds: milliseconds), as: UTF8.self)
    }

    /// The same as bytes, for a line that is being assembled.
    package static func bytes(milliseconds: Int64) -> [UInt8] {
        let characters = characters(milliseconds: milliseconds)
        return characters.indices.map { characters[$0] }
    }

    /// The same without an allocation, for what is written with every event: always 24 bytes.
    package static func characters(milliseconds: Int64) -> InlineArray<24, UInt8> {
        let clamped = min(max(milliseconds, earliest), latest)
        let day = floorDivide(clamped, millisecondsPerDay)
        let ofDay = clamped - day * millisecondsPerDay
        let date = civil(day: day)
        var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "-"))
        put(date.year, digits: 4, at: 0, in: &text)
        put(date.month, digits: 2, at: 5, in: &text)
        put(date.day, digits: 2, at: 8, in: &text)
        put(ofDay / 3_600_000, digits: 2, at: 11, in: &text)
        put(ofDay / 60_000 % 60, digits: 2, at: 14, in: &text)
        put(ofDay / 1000 % 60, digits: 2, at: 17, in: &text)
        put(ofDay % 1000, digits: 3, at: 20, in: &text)
        text[10] = UInt8(ascii: "T")
        text[13] = UInt8(ascii: ":")
        text[16] = UInt8(ascii: ":")
        text[19] = UInt8(ascii: ".")
        text[23] = UInt8(ascii: "Z")
        return text
    }

    /// Milliseconds since 1970 UTC of `2026-10-06`, `2026-10-06T09:02Z`, `…:47Z`, `…:47.713Z`, an offset such as
    /// `+02:00` in place of `Z`, or a plain whole number of milliseconds. Nil for anything else.
    package static func milliseconds(_ text: String) -> Int64? { milliseconds(Array(text.utf8)) }

    /// The same of bytes, for what is read with every event.
    package static func milliseconds(_ text: [UInt8]) -> Int64? {
        guard text.count <= 40 else { return nil }
        if text.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            guard text.count > 8, let number = Int64(String(decoding: text, as: UTF8.self)) else { return nil }
            return number <= latest ? number : nil
        }
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"), let day = reader.number(digits: 2),
            (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day)
        else { return nil }
        let midnight = dayNumber(year: year, month: month, day: day) * millisecondsPerDay
        if reader.isAtEnd { return midnight }
        guard let ofDay = reader.timeOfDay() else { return nil }
        guard let offset = reader.offsetFromUTC(), reader.isAtEnd else { return nil }
        return midnight + ofDay - offset
    }

    /// From one time to another; where that does not fit, the longest time that does.
    package static func elapsed(from start: Int64, to end: Int64) -> Int64 {
        let (elapsed, overflows) = end.subtractingReportingOverflow(start)
        return overflows ? (start < end ? .max : .min) : elapsed
    }

    private static let millisecondsPerDay: Int64 = 86_400_000
    private static let earliest = dayNumber(year: 0, month: 1, day: 1) * millisecondsPerDay
    private static let latest = dayNumber(year: 10_000, month: 1, day: 1) * millisecondsPerDay - 1

    @inline(__always)
    private static func put(_ number: Int64, digits: Int, at offset: Int, in text: inout InlineArray<24, UInt8>) {
        var rest = number
        for index in stride(from: digits &- 1, through: 0, by: -1) {
            text[offset &+ index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    private static func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
        let quotient = dividend / divisor
        return dividend % divisor < 0 ? quotient - 1 : quotient
    }

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day is last.
    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `dayNumber`.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

private struct DigitReader {
    private let text: [UInt8]
    private var next = 0

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { next == text.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next < text.count, text[next] == UInt8(ascii: character) else { return false }
        next += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard next < text.count, text[next] >= 0x30, text[next] <= 0x39 else { return nil }
        defer { next += 1 }
        return Int64(text[next] - 0x30)
    }

    mutating func number(digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// `T09:02`, `T09:02:47` or `T09:02:47.713` (one to nine decimals, cut to milliseconds), in milliseconds.
    mutating func timeOfDay() -> Int64? {
        guard skip("T") || skip("t") || skip(" "), let hour = number(digits: 2), skip(":"),
            let minute = number(digits: 2), hour < 24, minute < 60
        else { return nil }
        var milliseconds = (hour * 60 + minute) * 60_000
        guard skip(":") else { return milliseconds }
        guard let second = number(digits: 2), second < 60 else { return nil }
        milliseconds += second * 1000
        guard skip(".") else { return milliseconds }
        var decimals = 0
        var scale: Int64 = 100
        while let digit = digit() {
            milliseconds += digit * scale
            scale /= 10
            decimals += 1
        }
        return (1...9).contains(decimals) ? milliseconds : nil
    }

    /// `Z` or `+02:00`, in milliseconds.
    mutating func offsetFromUTC() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let isNegative = skip("-")
        guard isNegative || skip("+") else { return nil }
        guard let hour = number(digits: 2), skip(":"), let minute = number(digits: 2), hour < 24, minute < 60 else {
            return nil
        }
        let milliseconds = (hour * 60 + minute) * 60_000
        return isNegative ? -milliseconds : milliseconds
    }
}
