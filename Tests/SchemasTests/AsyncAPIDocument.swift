import Foundation
import Testing

/// `schemas/asyncapi.json`, as far as tests look into it.
struct AsyncAPIDocument {
    /// A topic as the document describes it.
    struct Channel {
        let address: String
        let partitions: Int?
        let replicas: Int?
        /// Values as Kafka's tools write them.
        let config: [String: String]
        let messages: [String]
        let isUnwritten: Bool
    }

    typealias Members = [String: Any]

    static let url = SchemaFolder.url.appending(path: "asyncapi.json")

    private let root: Members

    init() throws {
        let data = try Data(contentsOf: Self.url)
        root = try #require(try JSONSerialization.jsonObject(with: data) as? Members)
    }

    var version: String? { members("info")["version"] as? String }

    /// The names of all messages.
    var messages: [String] { members("components", "messages").keys.sorted() }

    var channels: [Channel] {
        members("channels").values.compactMap { $0 as? Members }.map { channel in
            let kafka = ((channel["bindings"] as? Members)?["kafka"] as? Members) ?? [:]
            let config = kafka["topicConfiguration"] as? Members ?? [:]
            return Channel(
                address: channel["address"] as? String ?? "",
                partitions: kafka["partitions"] as? Int,
                replicas: kafka["replicas"] as? Int,
                config: config.mapValues { ($0 as? [String])?.joined(separator: ",") ?? "\($0)" },
                messages: (channel["messages"] as? Members ?? [:]).keys.sorted(),
                isUnwritten: channel["x-status"] as? String == "Not written yet"
            )
        }
    }

    /// What the validator knows a part of a message by: `headers`, `payload` or `bindings/kafka/key`. Nil if the
    /// message has no such part.
    func schemaID(of part: String, in message: String) -> String? {
        let path = ["components", "messages", message] + part.split(separator: "/").map(String.init)
        guard let found = value(path) as? Members else { return nil }
        // Of a schema in another dialect than AsyncAPI's own, the document says which.
        let end = found["schemaFormat"] == nil ? "" : "/schema"
        return "file:///schemas/asyncapi.json#/\(path.joined(separator: "/"))\(end)"
    }

    /// The names of all members that a part of a message has, behind references too.
    func names(of part: String, in message: String) throws -> Set<String> {
        let path = ["components", "messages", message, part]
        guard let found = value(path) as? Members else { return [] }
        return try names(found, in: root)
    }

    private func names(_ schema: Members, in document: Members) throws -> Set<String> {
        var names = Set((schema["properties"] as? Members ?? [:]).keys)
        for part in schema["allOf"] as? [Members] ?? [] { names.formUnion(try self.names(part, in: document)) }
        if let inner = schema["schema"] as? Members { names.formUnion(try self.names(inner, in: document)) }
        guard let reference = schema["$ref"] as? String else { return names }
        let parts = reference.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        var target: Any? = document
        if !parts[0].isEmpty {
            let data = try Data(contentsOf: SchemaFolder.url.appending(path: parts[0]))
            target = try JSONSerialization.jsonObject(with: data)
        }
        let outer = try #require(target as? Members, "\(reference)")
        for step in (parts.count > 1 ? parts[1] : "").split(separator: "/") {
            target = (target as? Members)?[String(step)]
        }
        return names.union(try self.names(try #require(target as? Members, "\(reference)"), in: outer))
    }

    private func members(_ path: String...) -> Members { value(path) as? Members ?? [:] }

    private func value(_ path: [String]) -> Any? {
        path.reduce(root as Any?) { ($0 as? Members)?[$1] }
    }
}
