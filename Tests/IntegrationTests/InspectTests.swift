import NotionWebhooks
import TestSupport
import Testing

/// The command `inspect`, as a person calls it.
@Suite(.timeLimit(.minutes(1)))
struct InspectTests {
    private static let body =
        #"{"id":"3d653490-fc91-4c5c-a3ae-ef140e451295","workspace_name":"R&D","type":"page.created","#
        + #""entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"},"mood":"blue"}"#

    private func inspect(
        _ arguments: [String]
    ) async throws -> (status: TestSupport.ExitStatus, lines: [String], errors: String) {
        let process = try RelayProcess(
            ["inspect"] + arguments,
            environment: ["NOTION_RELAY_VERIFICATION_TOKENS": "secret_mine"]
        )
        let status = try await process.exitStatus(within: .seconds(20))
        return (status, process.child.output.all, process.child.errors.text)
    }

    @Test
    func `a captured body is explained, and the exit status says whether an edge would take it`() async throws {
        let folder = try TemporaryDirectory("bodies")
        defer { folder.remove() }
        let token = try #require(VerificationToken("secret_mine"))
        let signature = Signature.sign(Array(Self.body.utf8).span, with: token)
        try folder.write(Self.body, to: "raw.json")
        let right = try await inspect([folder.file("raw.json"), "--signature", signature])
        #expect(right.status == .exited(0))
        #expect(right.lines.contains("signature  right: the token \(token.fingerprint) signed these bytes"))
        #expect(right.lines.contains("unknown    mood: kept in the event's member unknown"))
        #expect(right.lines.contains { $0.hasPrefix("record     in notion.events.v1, key 2f1d1674-") })

        try folder.write(Self.body.replacing("&", with: "\\u0026") + "\n", to: "written.json")
        let changed = try await inspect([folder.file("written.json"), "--signature", signature])
        #expect(changed.status == .exited(1))
        #expect(changed.lines.contains { $0.contains("it is right once escapes such as") })
        #expect(changed.lines.contains { $0.contains("it is right once the white space at the end is removed") })
        #expect(!(right.lines + changed.lines).joined().contains("secret_mine"))
    }

    @Test
    func `wrong uses end with 2 and say what is wrong`() async throws {
        let cases: [(arguments: [String], message: String)] = [
            ([], "FILE is missing: it stands behind the command"),
            (["/nowhere/body.json"], "/nowhere/body.json: cannot be opened"),
            (["/tmp"], "/tmp: cannot be read"),
            (["a", "b"], "argument 2 of inspect"),
        ]
        for (arguments, message) in cases {
            let result = try await inspect(arguments)
            #expect(result.status == .exited(2), "\(arguments)")
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }
}
