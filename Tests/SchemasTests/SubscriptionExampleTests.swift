import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// The subscriptions topic's examples, read and written again by our own code. Their first word is the record's kind.
struct SubscriptionExampleTests {
    static let kinds = ["handshake", "subscription", "use"]

    private let keys = SealingKeys([.generate()])

    /// What a reader knows after the record, and why it passed it over. The examples have no sealed token, which is
    /// looked at only once the value is understood.
    private func read(_ example: SchemaExample) throws -> (SubscriptionsSnapshot, SubscriptionsSnapshot.Refusal?) {
        let token = try #require(VerificationToken("secret_schemas"))
        var snapshot = SubscriptionsSnapshot()
        let key = Array("\(example.kind)/\(Fingerprint(token))".utf8)
        let record = Record(topic: "notion.subscriptions.v1", key: key, value: example.bytes)
        let refusal = snapshot.apply(record, openedWith: keys)
        return (snapshot, refusal)
    }

    private func written(_ record: SubscriptionRecord) throws -> [UInt8] {
        try #require(record.record(in: "notion.subscriptions.v1", sealedWith: keys).value)
    }

    @Test
    func `a valid value is read, and written again alike`() throws {
        let token = try #require(VerificationToken("secret_schemas"))
        let examples = try SchemaFolder.examples(of: "subscriptions.v1", areValid: true)
        #expect(Set(examples.map(\.kind)) == Set(Self.kinds))
        for example in examples {
            let (snapshot, refusal) = try read(example)
            #expect(refusal == (example.kind == "use" ? nil : .sealed(.malformed)), "\(example.name)")
            var values: [[UInt8]] = []
            for entry in snapshot.handshakes.values { values.append(try written(.handshake(entry.content, token))) }
            for entry in snapshot.subscriptions.values {
                values.append(try written(.subscription(entry.content, token)))
            }
            for (fingerprint, use) in snapshot.uses { values.append(try written(.use(use, of: fingerprint))) }
            #expect(values.count == 1, "\(example.name)")
            for value in values { #expect(try json(value) == json(example.bytes), "\(example.name)") }
        }
    }

    @Test
    func `an invalid value is refused`() throws {
        for example in try SchemaFolder.examples(of: "subscriptions.v1", areValid: false) {
            #expect(Self.kinds.contains(example.kind), "\(example.name)")
            #expect(try read(example).1 == .malformed, "\(example.name)")
        }
    }

    @Test(.needsPython(with: "jsonschema"))
    func `each value is of the kind that its name says`() async throws {
        let valid = try SchemaFolder.examples(of: "subscriptions.v1", areValid: true)
        let invalid = try SchemaFolder.examples(of: "subscriptions.v1", areValid: false)
        let verdicts = try await SchemaValidator.verdicts(
            (valid + invalid).map { .init(schema: "\($0.id)#/$defs/\($0.kind)", text: $0.text) }
        )
        for (example, verdict) in zip(valid + invalid, verdicts) {
            #expect((verdict == nil) == valid.contains { $0.name == example.name }, "\(example.name): \(verdict ?? "")")
        }
    }

    /// Where schema and reader differ, as schemas/README.md says.
    static let differences = [
        ("subscription", #"{"v":1,"activated_at":"2026-10-06T09:05:00.000Z","name":null,"retires_at":null}"#, true),
        ("subscription", #"{"v":1,"activated_at":"2026-10-06"}"#, true),
        ("subscription", #"{"v":1,"activated_at":"1790000000123"}"#, true),
        (
            "use",
            #"{"v":1,"subscription_id":"","workspace_id":"","integration_id":"","workspace_name":"#
                + #""\#(String(repeating: "ø", count: 1_000))","#
                + #""first_at":"2026-10-06T09:06:12.040Z","last_at":"2026-10-06T09:06:12.040Z"}"#,
            false
        ),
    ]

    @Test(.needsPython(with: "jsonschema"))
    func `the differences between schema and reader are the known ones`() async throws {
        let examples = Self.differences.map { SchemaExample(schema: "subscriptions.v1", name: $0.0, text: $0.1) }
        let verdicts = try await SchemaValidator.verdicts(examples.map(\.document))
        for (index, example) in examples.enumerated() {
            let readerTakesIt = Self.differences[index].2
            #expect(try (read(example).1 != .malformed) == readerTakesIt, "\(example.text)")
            #expect((verdicts[index] == nil) != readerTakesIt, "\(example.text)")
        }
    }
}
