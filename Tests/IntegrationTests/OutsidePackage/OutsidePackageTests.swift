import Foundation
import TestSupport
import Testing

/// What somebody gets who depends on the library products: everything that the documents show compiles, records can be
/// decoded, and what is for our own targets is out of reach. Nothing is fetched for it.
@Suite(.serialized, .needsProgram("swift"), .timeLimit(.minutes(12)))
struct OutsidePackageTests {
    @Test
    func `every piece of Swift in the documents compiles as it stands there`() async throws {
        for document in OutsidePackage.documents {
            #expect(OutsidePackage.snippets.values.contains { $0.file == document }, "\(document) shows no Swift")
        }
        let build = try await OutsidePackage().build("Snippets")
        #expect(build.status == .exited(0), "\(build.text)")
    }

    @Test(arguments: OutsidePackage.walkThroughs)
    func `a walk-through prints what it says`(name: String) async throws {
        let snippet = try #require(OutsidePackage.snippets[name])
        #expect(!snippet.claims.isEmpty)
        let run = try await OutsidePackage().run("walk-through", [name, "no broker"])
        #expect(run.status == .exited(0), "\(run.text)")
        // What is printed on the way there is left out.
        #expect(run.output.filter(snippet.claims.contains) == snippet.claims, "\(run.text)")
    }

    @Test(.needsKafka)
    func `a record goes there and back as in Kafka's catalog`() async throws {
        let servers = try await SharedKafka.node().bootstrapServers
        for offset in 0...1 {
            let run = try await OutsidePackage().run("walk-through", ["Kafka1", servers])
            #expect(run.status == .exited(0), "\(run.text)")
            // A broker that has just started is not ready at once, which is in the client's log.
            let lines = run.output.filter { !$0.hasPrefix("log(") }
            #expect(lines.first?.hasSuffix("@\(offset)") == true, "\(run.text)")
            #expect(lines.dropFirst() == (0...offset).map { "\($0) has left" }[...], "\(run.text)")
        }
    }

    @Test
    func `an outsider's program reads the records that we write`() async throws {
        let folder = try TemporaryDirectory("records")
        let golden = OutsidePackage.repository.appending(path: "Tests/NotionEventsTests/Golden")
        var values: [String] = []
        var expected: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: golden.path).sorted() {
            let text = try String(contentsOf: golden.appending(path: name), encoding: .utf8)
            let lines = text.split(separator: "\n").map(String.init)
            func header(_ name: String) throws -> String {
                let line = try #require(lines.first { $0.hasPrefix("\(name): ") }, "\(name)")
                return String(line.dropFirst(name.count + 2))
            }
            values.append(try #require(lines.last))
            // The headers say what the value says, and it takes no decoder to read them.
            let type = try header("ce_type").dropFirst("com.notion.".count)
            expected.append("\(try header("ce_id")) \(type) \(try header("ce_subject"))")
        }
        #expect(values.count >= 40)
        try folder.write(values.joined(separator: "\n"), to: "records")
        let run = try await OutsidePackage().run("print-events", [folder.file("records")])
        #expect(run.status == .exited(0), "\(run.text)")
        #expect(run.output == expected)
    }

    @Test
    func `a hostile record is one clear error, and the others are read`() async throws {
        let folder = try TemporaryDirectory("records")
        let deep = "{\"id\":" + String(repeating: "[", count: 100_000)
        let hostile = [
            deep, #"{"id":"1","id":"2"}"#, #"{"id":"1","type":"a.b"}"#, #"{"id":"\ud800"}"#, "[]", "", "{",
            #"{"id":1,"type":"a.b","entity":{"id":"e"}}"#,
        ]
        let good = #"{"id":"1","type":"page.created","entity":{"type":"page","id":"e"}}"#
        try folder.write((hostile + [good]).joined(separator: "\n"), to: "records")
        let run = try await OutsidePackage().run("print-events", [folder.file("records")])
        #expect(run.status == .exited(1))
        #expect(run.output == ["1 page.created page/e"])
        let reasons = [
            "the value is nested more than 514 deep", "a member of event v1 occurs twice in its object",
            "entity.id is missing", "type is missing",
            "the value is not a JSON object", "the value is not JSON", "the value is not JSON",
            "id is not of the type that event v1 says",
        ]
        #expect(run.errors == reasons.enumerated().map { "record \($0 + 1): \($1)" })
    }

    @Test
    func `what is for our own targets is out of an outsider's reach`() async throws {
        let build = try await OutsidePackage().build("Peeking")
        #expect(build.status != .exited(0))
        #expect(build.text.contains("'takeRecords' is inaccessible due to 'package' protection level"), "\(build.text)")
    }
}
