import Foundation

/// What the compiler knows of a module's public names: the parts of a symbol graph (format 0.6) that we look at.
struct SymbolGraph: Decodable {
    var symbols: [Symbol]
    var relationships: [Relationship]

    struct Symbol: Decodable {
        let identifier: Identifier
        /// The name, behind the names of what it is nested in: `["Producer", "send(_:to:)"]`.
        let pathComponents: [String]
        let declarationFragments: [Fragment]
        let docComment: DocComment?
        /// Nil for what the compiler made up itself, such as the initializer of an enum's raw value.
        let location: Location?
        let availability: [Availability]?
    }

    struct Identifier: Decodable {
        let precise: String
    }

    struct Fragment: Decodable {
        let spelling: String
    }

    struct DocComment: Decodable {
        let lines: [Line]

        struct Line: Decodable {
            let text: String
        }
    }

    struct Location: Decodable {
        let uri: String
        let position: Position

        struct Position: Decodable {
            let line: Int
        }
    }

    struct Availability: Decodable {
        let isUnconditionallyDeprecated: Bool?
    }

    struct Relationship: Decodable {
        let kind: String
        let source: String
        let target: String
        /// The target's name with its module's in front, for what is in no graph: `Swift.Sendable`.
        let targetFallback: String?
    }
}

extension SymbolGraph.Symbol: CustomStringConvertible {
    var path: String { pathComponents.joined(separator: ".") }

    /// The declaration as the compiler prints it.
    var declaration: String {
        let text = declarationFragments.map(\.spelling).joined()
        // A declaration over several lines is one line here.
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    var isDeprecated: Bool { availability?.contains { $0.isUnconditionallyDeprecated == true } ?? false }

    var isDocumented: Bool {
        docComment?.lines.contains { !$0.text.allSatisfy(\.isWhitespace) } ?? false
    }

    /// Name, file and line.
    var description: String {
        guard let location else { return path }
        return "\(path) (\(location.uri.split(separator: "/").suffix(3).joined(separator: "/")):"
            + "\(location.position.line + 1))"
    }
}
