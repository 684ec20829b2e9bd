/// A W3C trace context, level 1: the value of the header `traceparent`.
public struct TraceContext: Sendable {
    /// The header's value: 55 bytes of ASCII.
    public let text: InlineArray<55, UInt8>

    /// The context of a trace that starts here.
    ///
    /// It is marked as sampled: the usual samplers follow their parent, and an unmarked one would switch off whatever
    /// the consumers trace.
    ///
    /// - Parameter random: 16 bytes for the trace, 8 for its first span. Ids of zeros are not allowed; they turn to 1.
    public init(random: InlineArray<24, UInt8>) {
        var text = InlineArray<55, UInt8>(repeating: UInt8(ascii: "-"))
        text[0] = UInt8(ascii: "0")
        text[1] = UInt8(ascii: "0")
        var trace: UInt8 = 0
        var span: UInt8 = 0
        for index in 0..<24 {
            if index < 16 { trace |= random[index] } else { span |= random[index] }
            let place = (index < 16 ? 3 : 4) &+ index &* 2
            text[place] = Self.digit(random[index] &>> 4)
            text[place &+ 1] = Self.digit(random[index] & 15)
        }
        if trace == 0 { text[34] = UInt8(ascii: "1") }
        if span == 0 { text[51] = UInt8(ascii: "1") }
        text[53] = UInt8(ascii: "0")
        text[54] = UInt8(ascii: "1")
        self.text = text
    }

    /// The context that a request came with.
    ///
    /// - Parameter traceparent: the header's value. Nil unless it is of version 00, in lower case, with neither id
    ///   zero.
    public init?(_ traceparent: Span<UInt8>) {
        guard traceparent.count == 55 else { return nil }
        var text = InlineArray<55, UInt8>(repeating: 0)
        for index in 0..<55 {
            let byte = traceparent[index]
            let isDash = index == 2 || index == 35 || index == 52
            guard isDash ? byte == UInt8(ascii: "-") : Self.isDigit(byte) else { return nil }
            text[index] = byte
        }
        let zero = UInt8(ascii: "0")
        guard text[0] == zero, text[1] == zero, (3..<35).contains(where: { text[$0] != zero }),
            (36..<52).contains(where: { text[$0] != zero })
        else { return nil }
        self.text = text
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "a") < 6
    }
}

extension TraceContext: CustomStringConvertible {
    /// The header's value.
    public var description: String { String(decoding: text.indices.map { text[$0] }, as: UTF8.self) }
}
