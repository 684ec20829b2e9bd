import Foundation
import Kafka
import NotionEvents
import Operations
import OrderedConsumer
import TestSupport
import Testing

/// The AsyncAPI document says what the code does.
struct AsyncAPITests {
    private struct DeployedTopics: Decodable {
        struct Topic: Decodable {
            let name: String
            let partitions: Int
            let replicationFactor: Int
            let config: [String: String]

            enum CodingKeys: String, CodingKey {
                case name, partitions, config
                case replicationFactor = "replication_factor"
            }
        }

        let topics: [Topic]
    }

    private static func deployed() throws -> [DeployedTopics.Topic] {
        let file = SchemaFolder.repository.appending(path: "deploy/topics.json")
        return try JSONDecoder().decode(DeployedTopics.self, from: try Data(contentsOf: file)).topics
    }

    @Test
    func `topics that are deployed are described as they are deployed`() throws {
        let channels = try AsyncAPIDocument().channels
        let topics = try Self.deployed()
        #expect(Set(topics.map(\.name)) == [Topics.events, Topics.deadLetter, Topics.subscriptions])
        for topic in topics {
            let channel = try #require(channels.first { $0.address == topic.name }, "\(topic.name)")
            #expect(channel.partitions == topic.partitions, "\(topic.name)")
            #expect(channel.replicas == topic.replicationFactor, "\(topic.name)")
            #expect(channel.config == topic.config, "\(topic.name)")
        }
    }

    @Test
    func `a group's topics are described as they are made`() throws {
        let channels = try AsyncAPIDocument().channels
        let events = try #require(try Self.deployed().first { $0.name == Topics.events })
        let group = try GroupTopics(topic: Topics.events, group: "G")
        for topic in group.newTopics(partitions: events.partitions) {
            let channel = try #require(
                channels.first { $0.address.replacing("{group}", with: "G") == topic.name },
                "\(topic.name)"
            )
            #expect(channel.partitions == topic.partitions, "\(topic.name)")
            #expect(channel.replicas == nil, "\(topic.name): the brokers' default")
            #expect(channel.config == topic.config, "\(topic.name)")
        }
    }

    @Test
    func `each record stands in a topic of its message, and each message and topic has records`() throws {
        let document = try AsyncAPIDocument()
        let channels = document.channels
        let written = try WrittenRecord.all()
        var unused = Set(channels.flatMap { channel in channel.messages.map { "\(channel.address) \($0)" } })
        for record in written {
            let channel = try #require(
                channels.first { $0.address.replacing("{group}", with: WrittenRecord.group) == record.record.topic },
                "\(record.record.topic)"
            )
            #expect(channel.messages.contains(record.message), "\(record.message) in \(channel.address)")
            unused.remove("\(channel.address) \(record.message)")
        }
        let unwritten = channels.filter(\.isUnwritten)
        #expect(unwritten.map(\.address) == ["notion.entities.v1"])
        #expect(unused == Set(unwritten.flatMap { channel in channel.messages.map { "\(channel.address) \($0)" } }))
        #expect(Set(document.messages) == Set(written.map(\.message) + ["Entity"]))
    }

    @Test
    func `the headers of a message are those that its records have`() throws {
        let document = try AsyncAPIDocument()
        let written = Dictionary(grouping: try WrittenRecord.all(), by: \.message)
        for (message, records) in written {
            let names = Set(records.flatMap(\.record.headers).map(\.name))
            #expect(try document.names(of: "headers", in: message) == names, "\(message)")
        }
        #expect(try document.names(of: "headers", in: "Entity") == [])
    }

    @Test(arguments: ["ParkedKey", "RedrivenOffsets", "Pause", "Checkpoint", "Use"])
    func `the members of a value are those that are written`(message: String) throws {
        let document = try AsyncAPIDocument()
        var names: Set<String> = []
        for record in try WrittenRecord.all() where record.message == message {
            let value = try #require(try json(record.record.value ?? []) as? NSDictionary)
            names.formUnion(value.allKeys.compactMap { $0 as? String })
        }
        #expect(try document.names(of: "payload", in: message) == names)
    }

    @Test
    func `golden records have no header that the document does not name`() throws {
        let named = try AsyncAPIDocument().names(of: "headers", in: "Event")
        let folder = SchemaFolder.repository.appending(path: "Tests/NotionEventsTests/Golden")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.count == 40)
        for file in files {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            // In front of the headers stand the key and the type's number.
            let head = text.components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst(2)
            let names = Set(head.map { String($0.prefix { $0 != ":" }) })
            #expect(names.count >= 9 && names.isSubset(of: named), "\(file): \(names.subtracting(named))")
        }
    }

    @Test
    func `the document's version is the program's`() throws {
        #expect(try AsyncAPIDocument().version == Version.text)
    }

    @Test(.needsPython(with: "jsonschema"))
    func `keys, headers and values of all records are valid by the document`() async throws {
        let document = try AsyncAPIDocument()
        var names: [String] = []
        var documents: [SchemaValidator.Document] = []
        func add(_ written: WrittenRecord, _ part: String, _ text: String) {
            guard let id = document.schemaID(of: part, in: written.message) else { return }
            names.append("\(written.message) \(part)")
            documents.append(.init(schema: id, text: text))
        }
        for written in try WrittenRecord.all() {
            let encoder = JSONEncoder()
            let key = try encoder.encode(written.record.key.map { String(decoding: $0, as: UTF8.self) })
            add(written, "bindings/kafka/key", String(decoding: key, as: UTF8.self))
            add(written, "headers", String(decoding: try encoder.encode(written.headers), as: UTF8.self))
            // A body that is not understood is not JSON.
            if written.message == "DeadLetter" { continue }
            let value = written.record.value.map { String(decoding: $0, as: UTF8.self) } ?? "null"
            add(written, "payload", value)
        }
        // Each message has a key and a value, and most have headers; so nothing is passed over in silence.
        #expect(Set(names).count == 32)
        for (index, verdict) in try await SchemaValidator.verdicts(documents).enumerated() {
            #expect(verdict == nil, "\(names[index]): \(verdict ?? ""): \(documents[index].text)")
        }
    }
}
