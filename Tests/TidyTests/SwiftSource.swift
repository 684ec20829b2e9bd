/// A Swift file as the rules see it: its lines, and the same lines with comments and texts blanked out.
struct SwiftSource: Sendable, CustomStringConvertible {
    let file: RepositoryFile
    let lines: [String]
    /// As `lines`, but what stands in comments, string literals and raw identifiers is replaced by spaces.
    let code: [String]

    init(_ file: RepositoryFile) {
        self.file = file
        self.lines = file.lines.map(String.init)
        var blanker = Blanker(Array(file.text.utf8))
        self.code = blanker.run().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    var description: String { file.path }

    /// The numbers of the lines whose code matches a regular expression. A file that does not even hold the
    /// expression's longest word is done at once.
    func lines(matching pattern: String) throws -> [Int] {
        let words = pattern.replacing("\\b", with: " ").split { !$0.isLetter }
        guard let longest = words.max(by: { $0.count < $1.count }), file.holds(String(longest)) else { return [] }
        let expression = try Regex(pattern)
        return code.enumerated().filter { $0.element.contains(expression) }.map { $0.offset + 1 }
    }

    struct Import: Sendable {
        let module: String
        let line: Int
    }

    var imports: [Import] {
        code.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
                words[..<position].allSatisfy({ Self.importModifiers.contains(String($0)) })
            else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
            let next = kinds.contains(words[position + 1]) ? position + 2 : position + 1
            let module = words[next].split(separator: ".").first ?? ""
            return Import(module: String(module), line: index + 1)
        }
    }

    private static let importModifiers: Set<String> = [
        "public", "package", "internal", "private", "fileprivate", "@testable", "@preconcurrency", "@_exported",
    ]

    struct Function: Sendable {
        let line: Int
        let length: Int
    }

    /// Every function, initializer and computed property with its length from the declaration to the closing brace.
    var functions: [Function] {
        code.indices.compactMap { index in
            guard let start = Self.declaration(in: code[index]) else { return nil }
            return bodyEnd(from: index, at: start).map { Function(line: index + 1, length: $0 - index + 1) }
        }
    }

    /// The offset behind the keyword of a function-like declaration, if the line holds one.
    private static func declaration(in line: String) -> Int? {
        let bytes = Array(line.utf8)
        var word: [UInt8] = []
        var previous: UInt8 = UInt8(ascii: " ")
        for (index, byte) in (bytes + [UInt8(ascii: " ")]).enumerated() {
            if byte.isWordByte {
                word.append(byte)
                continue
            }
            let text = String(decoding: word, as: UTF8.self)
            let isMember = previous == UInt8(ascii: ".")
            if ["func", "deinit", "subscript"].contains(text), !isMember { return index }
            if text == "init", !isMember, [UInt8(ascii: "("), UInt8(ascii: "?"), UInt8(ascii: "<")].contains(byte) {
                return index
            }
            if text == "var", line.hasSuffix("{"), !line.contains("= ") { return index }
            previous = byte
            word = []
        }
        return nil
    }

    /// The line of the brace that closes the declaration's body; nil when it has none.
    private func bodyEnd(from first: Int, at offset: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<code.count {
            for byte in code[index].utf8.dropFirst(index == first ? offset : 0) {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
                case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
                case UInt8(ascii: "}") where braces > 0:
                    braces -= 1
                    if braces == 0 { return index }
                case UInt8(ascii: "}") where parentheses == 0: return nil
                default: break
                }
            }
            if braces == 0, parentheses == 0, !continues(after: index) { return nil }
        }
        return nil
    }

    /// Whether a declaration goes on behind a line that closed all its parentheses.
    private func continues(after index: Int) -> Bool {
        guard index + 1 < code.count else { return false }
        let next = code[index + 1].drop { $0 == " " }
        return ["{", "->", "where ", "throws", "async", ")"].contains { next.hasPrefix($0) }
    }
}

extension UInt8 {
    var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
