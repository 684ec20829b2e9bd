import Foundation
import TestSupport
import Testing

/// The AsyncAPI document, read by a validator that is none of ours: the command that `ASYNCAPI_VALIDATE` names, such as
/// `asyncapi validate`. It gets the file as its last argument, and fails on errors.
@Suite(.needsAsyncAPIValidator)
struct AsyncAPIValidatorTests {
    private func validate(_ file: String) async throws -> FinishedProcess {
        let command = ProcessInfo.processInfo.environment["ASYNCAPI_VALIDATE"] ?? "false"
        return try await FinishedProcess.run("sh", ["-c", "\(command) \"$1\"", "sh", file], within: .seconds(120))
    }

    @Test
    func `the document is valid`() async throws {
        let result = try await validate(AsyncAPIDocument.url.path)
        #expect(result.status == .exited(0), "\(result.text)")
    }

    static let broken: [(String, JSONEdit)] = [
        ("partitions that are no number", .set("/channels/events/bindings/kafka/partitions", #""twelve""#)),
        ("an operation on no channel", .set("/operations/giveUp/channel/$ref", ##""#/channels/nothing""##)),
        ("an action that there is not", .set("/operations/giveUp/action", #""publish""#)),
        ("a schema that is not there", .set("/components/messages/Entity/payload/schema/$ref", #""./no.json""#)),
        ("no version", .remove("/info/version")),
    ]

    @Test(arguments: broken)
    func `a broken copy is refused`(what: String, edit: JSONEdit) async throws {
        let directory = try TemporaryDirectory("asyncapi")
        let files = FileManager.default
        for file in try files.contentsOfDirectory(atPath: SchemaFolder.url.path) where file.hasSuffix(".schema.json") {
            try files.copyItem(atPath: SchemaFolder.url.appending(path: file).path, toPath: directory.file(file))
        }
        let document = try JSONSerialization.jsonObject(with: try Data(contentsOf: AsyncAPIDocument.url))
        let data = try JSONSerialization.data(withJSONObject: try edit.applied(to: document))
        try directory.write(String(decoding: data, as: UTF8.self), to: "asyncapi.json")
        let result = try await validate(directory.file("asyncapi.json"))
        #expect(result.status != .exited(0), "\(what): \(result.text)")
        #expect(!result.text.isEmpty, "\(what)")
    }
}

extension Trait where Self == ConditionTrait {
    static var needsAsyncAPIValidator: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["ASYNCAPI_VALIDATE"].map { !$0.isEmpty } ?? false,
            "there is no AsyncAPI validator: ASYNCAPI_VALIDATE names its command"
        )
    }
}
