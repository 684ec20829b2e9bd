/// A secret that looks as if something had been copied with it. It stays in use, since tokens are opaque.
package struct DoubtfulSecret: Equatable, Sendable {
    /// A line of a file, or a number in a list.
    package let place: String
    /// The end of a sentence that begins with the place. Never quotes the text.
    package let reason: String

    package static let hint = "copy the token alone, without what stands around it"

    /// Those in the file, or the files of the folder, at this path.
    package static func found(in files: [SecretFile], at path: String) -> [DoubtfulSecret] {
        files.flatMap { file in
            file.secrets.compactMap { secret in
                let name = file.name.map { "\(path)/\(SettingLayer.printable($0))" } ?? path
                return surplus(in: secret.revealed()).map {
                    DoubtfulSecret(place: "the token in line \(secret.line) of \(name)", reason: $0)
                }
            }
        }
    }

    /// What a text holds beside a secret; nil if nothing tells.
    static func surplus(in text: String) -> String? {
        let lowered = text.lowercased()
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let rest = text.dropFirst(name.count)
        let isFirstQuote = text.first.map(quotes.contains) ?? false
        let isLastQuote = text.last.map(quotes.contains) ?? false
        let signs: [(Bool, String)] = [
            (
                text.hasPrefix("{") || lowered.contains("verification_token\""),
                "is JSON: a token is its verification_token alone"
            ),
            (text.unicodeScalars.first == "\u{FEFF}", "begins with a byte order mark"),
            (isFirstQuote && isLastQuote, "begins and ends with a quotation mark"),
            (isFirstQuote || isLastQuote, "begins or ends with a quotation mark"),
            (lowered.hasPrefix("bearer"), "begins with Bearer"),
            (lowered.hasPrefix("sha256="), "is a signature"),
            (lowered.hasPrefix("ntn_"), "is a token of Notion's API, which signs no deliveries"),
            (lowered.hasPrefix("verification_token"), "begins with the name of the token"),
            (rest.hasPrefix("=") && rest.contains { $0 != "=" } && !name.isEmpty, "has a name and = in front"),
            (text.hasPrefix("$") || (text.hasPrefix("<") && text.hasSuffix(">")), "is a placeholder"),
        ]
        return signs.first { $0.0 }?.1
    }

    private static let quotes: Set<Character> = [
        "\"", "'", "`", "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}", "\u{AB}", "\u{BB}",
    ]
}

extension ResolvedSettings {
    /// Of the verification tokens.
    package func doubtfulTokens() -> [DoubtfulSecret] {
        guard has(\.edge.verificationTokens) else { return [] }
        if let path = file(of: \.edge.verificationTokens) {
            // They were read before; what has changed since is told by whoever reads them again.
            return (try? SecretFile.read(path)).map { DoubtfulSecret.found(in: $0, at: path) } ?? []
        }
        let source = source(\.edge.verificationTokens)
        return self[\.edge.verificationTokens].enumerated().compactMap { index, secret in
            DoubtfulSecret.surplus(in: secret.revealed()).map {
                DoubtfulSecret(place: "token \(index + 1) of \(source)", reason: $0)
            }
        }
    }
}
