/// An id of a delivery: where it stands, and what it takes to write it canonically.
///
/// Canonical is what Notion sends: a UUID's 32 hexadecimal digits in lower case, with dashes. Any version nibble is
/// accepted; Notion's own ids have 8. What is not a UUID is kept as it is.
package struct Identifier: Sendable {
    package enum Form: Sendable {
        /// Already canonical: copy it.
        case canonical
        /// A UUID without dashes, in upper case or with escapes.
        case convertible
        /// Some other text.
        case other
    }

    package let string: JSONString
    package let form: Form

    package init(string: JSONString, form: Form) {
        self.string = string
        self.form = form
    }

    package static var absent: Identifier { Identifier(string: .absent, form: .other) }

    /// Whether there is an id; an empty string is none.
    package var isPresent: Bool { string.isPresent && !string.isEmpty }
}

extension Span<UInt8> {
    /// The id in a string.
    @inline(__always)
    package func identifier(_ string: JSONString) -> Identifier {
        if string.count == 36, isCanonical(extracting(string.range)) {
            return Identifier(string: string, form: .canonical)
        }
        return Identifier(string: string, form: unusualForm(string))
    }

    private func unusualForm(_ string: JSONString) -> Identifier.Form {
        guard !string.hasEscapes else { return CanonicalID(unescaped(string).span) == nil ? .other : .convertible }
        return CanonicalID(extracting(string.range)) == nil ? .other : .convertible
    }

    /// Without a branch inside the loop, so that the compiler can take sixteen bytes at a time.
    @inline(__always)
    private func isCanonical(_ text: Span<UInt8>) -> Bool {
        var others: UInt8 = 0
        var dashes: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            let isDigit: UInt8 = byte &- UInt8(ascii: "0") < 10 ? 1 : 0
            let isLetter: UInt8 = byte &- UInt8(ascii: "a") < 6 ? 1 : 0
            let isDash: UInt8 = byte == UInt8(ascii: "-") ? 1 : 0
            others |= (isDigit | isLetter | isDash) ^ 1
            dashes &+= isDash
        }
        let dash = UInt8(ascii: "-")
        return others == 0 && dashes == 4 && text[8] == dash && text[13] == dash && text[18] == dash
            && text[23] == dash
    }
}

/// A UUID's canonical text, made from any of its usual spellings.
package struct CanonicalID {
    package let text: InlineArray<36, UInt8>

    /// Nil for anything but 32 hexadecimal digits, with dashes in the usual four places or with none.
    package init?(_ spelling: Span<UInt8>) {
        guard spelling.count == 36 || spelling.count == 32 else { return nil }
        var text = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        var source = 0
        for index in 0..<36 {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            if isDash && spelling.count == 32 { continue }
            let byte = spelling[source]
            source += 1
            if isDash {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard byte.hexDigitValue != nil else { return nil }
                // The bit that tells lower from upper case is set in every digit.
                text[index] = byte | 0x20
            }
        }
        self.text = text
    }

    /// The text as an array.
    package var bytes: [UInt8] { text.indices.map { text[$0] } }
}
