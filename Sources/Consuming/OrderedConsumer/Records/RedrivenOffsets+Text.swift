extension RedrivenOffsets {
    private static let textPrefix = "relay1:"
    private static let radix = 36

    /// The ranges above `next` as a short text, for the metadata that Kafka keeps beside a committed offset.
    ///
    /// `relay1:` and the ranges with commas between them, in base 36: the distance from `next` or from the end of the
    /// range before, and, if the range has more than one offset, `-` and how many more. What does not fit is left out
    /// from the far end, so that what the text says is always true; empty if nothing fits.
    public func text(bytesMax: Int) -> String {
        guard Self.textPrefix.utf8.count <= bytesMax else { return "" }
        var text = Self.textPrefix
        var end = next
        for range in ranges {
            var part = end == next ? "" : ","
            part += String(range.lowerBound - end, radix: Self.radix)
            if range.count > 1 { part += "-" + String(range.upperBound - range.lowerBound, radix: Self.radix) }
            guard text.utf8.count + part.utf8.count <= bytesMax else { break }
            text += part
            end = range.upperBound + 1
        }
        return text
    }

    /// Reads such a text, which stood beside the committed offset `next`. Nil for a text that somebody else wrote.
    public init?(text: String, next: Int64) {
        guard next >= 0, text.hasPrefix(Self.textPrefix) else { return nil }
        self.init(next: next)
        let list = text.utf8.dropFirst(Self.textPrefix.utf8.count)
        if list.isEmpty { return }
        var end = next
        for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let numbers = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard (1...2).contains(numbers.count), let distance = Self.number(numbers[0]) else { return nil }
            let more = numbers.count == 2 ? Self.number(numbers[1]) : 0
            guard let more else { return nil }
            let (lower, isTooLow) = end.addingReportingOverflow(distance)
            let (upper, isTooHigh) = lower.addingReportingOverflow(more)
            guard !isTooLow, !isTooHigh, Self.isOffset(upper) else { return nil }
            insert(lower...upper)
            end = upper + 1
        }
    }

    /// A number above zero in base 36, in the one way in which it is written.
    private static func number(_ text: Substring.UTF8View) -> Int64? {
        var number: Int64 = 0
        for byte in text {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: Int64(radix))
            let (sum, overflows) = product.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !overflows, sum > 0 else { return nil }
            number = sum
        }
        return text.isEmpty ? nil : number
    }
}
