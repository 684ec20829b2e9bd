/// A whole number as it is written: digits, no sign, nothing before them that could be left out.
struct Decimal<Value: FixedWidthInteger> {
    let value: Value

    init?(_ text: some StringProtocol) {
        guard let value = Value(text), value >= 0, text.first != "+", text.first != "-" else { return nil }
        guard text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
        self.value = value
    }
}
