import Foundation

/// A block of Swift in a document, as somebody would paste it into a program of their own.
struct MarkdownSnippet: Equatable {
    /// The document's path from the repository's root.
    let file: String
    /// The line of its first line of code.
    let line: Int
    let lines: [String]

    /// All blocks of a document that are fenced and marked as Swift; of a source file, those in its doc comments.
    static func all(in text: String, file: String) -> [MarkdownSnippet] {
        var found: [MarkdownSnippet] = []
        var open: (line: Int, lines: [String])?
        let isSource = file.hasSuffix(".swift")
        for (index, whole) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = isSource ? comment(whole) : whole
            if let block = open {
                if line == "```" {
                    found.append(MarkdownSnippet(file: file, line: block.line, lines: block.lines))
                    open = nil
                } else {
                    open?.lines.append(String(line))
                }
            } else if line == "```swift" {
                open = (index + 2, [])
            }
        }
        return found
    }

    /// What a line of a doc comment says; nothing if it is none.
    private static func comment(_ line: Substring) -> Substring {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("///") else { return "" }
        return text.dropFirst(text.hasPrefix("/// ") ? 4 : 3)
    }

    /// What the snippet says that it prints, in comments behind its outermost calls of `print`.
    var claims: [String] {
        lines.compactMap { line in
            guard line.hasPrefix("print("), let mark = line.range(of: ")  // ", options: .backwards) else { return nil }
            return String(line[mark.upperBound...])
        }
    }

    /// A file to compile: the snippet's imports, and around the rest a function, as around the code of a `main.swift`.
    /// The compiler is told where it comes from, so that it complains about the document. `broker` is an expression
    /// that takes the place of the documents' broker.
    func source(function: String, broker: String? = nil) -> String {
        let lines = self.lines.map { $0.replacing("\"localhost:9092\"", with: broker ?? "\"localhost:9092\"") }
        let isImport = lines.map { $0.hasPrefix("import ") }
        func placed(_ text: [String]) -> [String] {
            ["#sourceLocation(file: \"\(file)\", line: \(line))"] + text + ["#sourceLocation()"]
        }
        let imports = zip(lines, isImport).map { $1 ? $0 : "" }
        let body = zip(lines, isImport).map { $1 ? "" : $0 }
        let text = placed(imports) + ["func \(function)() async throws {"] + placed(body) + ["}"]
        return text.map { "\($0)\n" }.joined()
    }
}
