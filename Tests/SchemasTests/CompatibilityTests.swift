import Foundation
import TestSupport
import Testing

/// `make schemas-check`: what a later edition of the schemas may be after a release.
@Suite(.needsPython(with: "jsonschema"))
struct CompatibilityTests {
    private let script = PythonScript(name: "compatibility.py")

    @Test
    func `what is in schemas keeps what was released`() async throws {
        let result = try await script.run(["check", SchemaFolder.url.path])
        #expect(result.status == .exited(0), "\(result.output)")
        let counts = try Regex(#"schemas: [0-9]+ released schemas, [0-9]+ paths and [0-9]+ examples hold; "#)
        #expect(result.output.count == 1 && result.output.first?.contains(counts) == true, "\(result.output)")
    }

    @Test
    func `each change that breaks somebody is found, and what to do is said`() async throws {
        let directory = try TemporaryDirectory("schemas")
        let folders = try SchemaChange.breaking.map { try $0.write(below: directory) }
        let result = try await script.run(["check"] + folders)
        #expect(result.status == .exited(1))
        for (change, folder) in zip(SchemaChange.breaking, folders) {
            let lines = result.output.filter { $0.hasPrefix("\(folder)/") }
            let isFound = lines.contains { line in change.finding.allSatisfy(line.contains) }
            #expect(isFound, "\(change.name): \(change.finding) in \(lines)")
            #expect(lines.allSatisfy { $0.contains("; ") }, "\(change.name): \(lines)")
        }
    }

    @Test
    func `growth passes`() async throws {
        let directory = try TemporaryDirectory("schemas")
        let folders = try SchemaChange.growing.map { try $0.write(below: directory) }
        let result = try await script.run(["check"] + folders)
        #expect(result.status == .exited(0), "\(result.output)")
        #expect(result.output.count == folders.count)
    }

    @Test
    func `a schema that is gone is found, and so is a release that is gone`() async throws {
        let directory = try TemporaryDirectory("schemas")
        let folders = try ["no schema", "no release", "half a release"].map {
            try SchemaChange($0, "dead-letter.v1").write(below: directory)
        }
        let files = FileManager.default
        try files.removeItem(atPath: "\(folders[0])/dead-letter.v1.schema.json")
        try files.removeItem(atPath: "\(folders[1])/released/dead-letter.v1.json")
        try Data("{".utf8).write(to: URL(filePath: "\(folders[2])/released/dead-letter.v1.json"))
        let result = try await script.run(["check"] + folders)
        #expect(result.status == .exited(1))
        #expect(result.output.count == 3, "\(result.output)")
        #expect(result.output[0].contains("dead-letter.v1.schema.json: $: it is gone"))
        #expect(result.output[1].contains("released: there is nothing to compare with"))
        #expect(result.output[2].contains("released/dead-letter.v1.json: "))
    }

    @Test
    func `a release takes what has grown, and refuses what breaks`() async throws {
        let directory = try TemporaryDirectory("schemas")
        let grown = try SchemaChange("grown", "dead-letter.v1", .set("/properties/relay-client", #"{"type":"string"}"#))
            .write(below: directory)
        let released = URL(filePath: "\(grown)/released/dead-letter.v1.json")
        let before = try Data(contentsOf: released)
        #expect(try await script.run(["release", grown]).status == .exited(0))
        #expect(try Data(contentsOf: released) != before)

        // What was growth is a promise now.
        try FileManager.default.removeItem(atPath: "\(grown)/dead-letter.v1.schema.json")
        try FileManager.default.copyItem(
            atPath: SchemaFolder.url.appending(path: "dead-letter.v1.schema.json").path,
            toPath: "\(grown)/dead-letter.v1.schema.json"
        )
        let promised = try Data(contentsOf: released)
        let result = try await script.run(["release", grown])
        #expect(result.status == .exited(1))
        #expect(result.output.contains { $0.contains("$.relay-client: it is gone") }, "\(result.output)")
        #expect(try Data(contentsOf: released) == promised)
    }

    @Test
    func `what no program writes yet may change, and is not released`() async throws {
        let directory = try TemporaryDirectory("schemas")
        let folder = try SchemaChange("unwritten", "notion-entity.v1").write(below: directory)
        let result = try await script.run(["release", folder])
        #expect(result.status == .exited(0))
        #expect(result.output.first?.contains("released: 0 schemas written") == true, "\(result.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/released").isEmpty)
    }

    @Test
    func `all schemas are released but those that no program writes yet`() throws {
        let folder = SchemaFolder.url.appending(path: "released")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(files) == Set(SchemaFolder.ids.keys.map { "\($0).json" }).subtracting(["notion-entity.v1.json"]))
        for file in files {
            let data = try Data(contentsOf: folder.appending(path: file))
            let released = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any], "\(file)")
            let id = (released["schema"] as? [String: Any])?["$id"] as? String
            #expect(id == SchemaFolder.ids[String(file.dropLast(".json".count))], "\(file)")
            #expect((released["examples"] as? [String: Any])?.isEmpty == false, "\(file)")
        }
    }
}
