import TestSupport
import Testing

@testable import Operations

/// Tokens that were copied with what stood around them.
struct DoubtfulSecretTests {
    private func settings(_ environment: [String: String]) throws -> ResolvedSettings {
        try Settings.resolve(
            command: .receive,
            arguments: ["--kafka", "localhost:9092"],
            environment: environment
        )
    }

    private static let doubtful = [
        ("\"secret_a\"", "begins and ends with a quotation mark"),
        ("'secret_a'", "begins and ends with a quotation mark"),
        ("`secret_a`", "begins and ends with a quotation mark"),
        ("\"secret_a", "begins or ends with a quotation mark"),
        ("secret_a'", "begins or ends with a quotation mark"),
        ("verification_token=secret_a", "begins with the name of the token"),
        ("verification_token:secret_a", "begins with the name of the token"),
        ("NOTION_RELAY_VERIFICATION_TOKENS=secret_a", "has a name and = in front"),
        (#"{"verification_token":"secret_a"}"#, "is JSON: a token is its verification_token alone"),
        (#""verification_token":"secret_a""#, "is JSON: a token is its verification_token alone"),
        ("Bearer:secret_a", "begins with Bearer"),
        ("sha256=00ff", "is a signature"),
        ("ntn_123", "is a token of Notion's API, which signs no deliveries"),
        ("$TOKEN", "is a placeholder"),
        ("<token>", "is a placeholder"),
    ]

    @Test(arguments: doubtful)
    func `a doubtful token is named by its place, and never shown`(_ token: String, reason: String) throws {
        let found = try settings(["NOTION_RELAY_VERIFICATION_TOKENS": "secret_good,\(token)"]).doubtfulTokens()
        let place = "token 2 of NOTION_RELAY_VERIFICATION_TOKENS"
        #expect(found == [DoubtfulSecret(place: place, reason: reason)])
        #expect(!found.contains { "\($0)".contains("secret_a") })
    }

    @Test(arguments: [
        "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl", "opaque", "YWJj=", "YWJjZA==", " secret_a ", "a=",
        "a-b=c",
    ])
    func `a token that looks right is not named`(_ token: String) throws {
        #expect(try settings(["NOTION_RELAY_VERIFICATION_TOKENS": token]).doubtfulTokens().isEmpty)
    }

    @Test
    func `a doubtful token in a file is named by its line, and a byte order mark in front is no part of one`() throws {
        let folder = try TemporaryDirectory("tokens")
        try folder.write("\u{FEFF}secret_a\r\n\r\n'secret_b'\r\n", to: "tokens")
        let path = folder.file("tokens")
        let settings = try settings(["NOTION_RELAY_VERIFICATION_TOKENS_FILE": path])
        #expect(settings[\.edge.verificationTokens] == [Secret("secret_a"), Secret("'secret_b'")])
        #expect(
            settings.doubtfulTokens()
                == [.init(place: "the token in line 3 of \(path)", reason: "begins and ends with a quotation mark")]
        )
    }

    @Test
    func `a doubtful token in a folder is named by its file`() throws {
        let folder = try TemporaryDirectory("tokens")
        try folder.write("secret_a\n", to: "harbour")
        try folder.write("\"secret_b\"\n", to: "lab")
        let settings = try settings(["NOTION_RELAY_VERIFICATION_TOKENS_FILE": folder.path])
        #expect(settings.doubtfulTokens().map(\.place) == ["the token in line 1 of \(folder.path)/lab"])
    }
}
