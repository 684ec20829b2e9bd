/// Replaces what is not code by spaces and keeps every line break, so that positions stay true.
struct Blanker {
    private let input: [UInt8]
    private var output: [UInt8] = []
    private var index = 0

    /// The literals that are open around the current position, innermost last, each with the parentheses that are open
    /// in its interpolation (0: the position is in the text itself).
    private var literals: [Literal] = []

    private struct Literal {
        let hashes: Int
        let isMultiline: Bool
        var parentheses = 0
    }

    init(_ input: [UInt8]) {
        self.input = input
        output.reserveCapacity(input.count)
    }

    mutating func run() -> [UInt8] {
        while index < input.count {
            if let literal = literals.last, literal.parentheses == 0 {
                text(of: literal)
            } else {
                code()
            }
        }
        return output
    }

    private mutating func code() {
        if matches("//") {
            while index < input.count, input[index] != UInt8(ascii: "\n") { blank() }
        } else if input[index] == UInt8(ascii: "`") {
            blank()
            while index < input.count, input[index] != UInt8(ascii: "`"), input[index] != UInt8(ascii: "\n") { blank() }
            if index < input.count { blank() }
        } else if let literal = opening() {
            literals.append(literal)
        } else {
            if !literals.isEmpty { countParenthesis() }
            keep()
        }
    }

    /// Inside an interpolation, the parenthesis that closes it returns to the text.
    private mutating func countParenthesis() {
        let last = literals.count - 1
        if input[index] == UInt8(ascii: "(") { literals[last].parentheses += 1 }
        if input[index] == UInt8(ascii: ")") { literals[last].parentheses -= 1 }
    }

    private mutating func text(of literal: Literal) {
        let hashes = String(repeating: "#", count: literal.hashes)
        let quotes = literal.isMultiline ? "\"\"\"" : "\""
        if matches("\\\(hashes)(") {
            for _ in 0...literal.hashes { blank() }
            keep()
            literals[literals.count - 1].parentheses = 1
        } else if matches("\\\(hashes)") {
            for _ in 0..<min(2 + literal.hashes, input.count - index) { blank() }
        } else if matches(quotes + hashes) {
            for _ in 0..<(quotes.utf8.count + literal.hashes) { blank() }
            literals.removeLast()
        } else {
            blank()
        }
    }

    /// Steps over the opening quotes of a string literal, when one starts here.
    private mutating func opening() -> Literal? {
        var hashes = 0
        while index + hashes < input.count, input[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
        guard index + hashes < input.count, input[index + hashes] == UInt8(ascii: "\"") else { return nil }
        for _ in 0..<hashes { blank() }
        let isMultiline = matches("\"\"\"")
        for _ in 0..<(isMultiline ? 3 : 1) { blank() }
        return Literal(hashes: hashes, isMultiline: isMultiline)
    }

    private func matches(_ text: String) -> Bool { input[index...].starts(with: text.utf8) }

    private mutating func keep() {
        output.append(input[index])
        index += 1
    }

    private mutating func blank() {
        output.append(input[index] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        index += 1
    }
}
