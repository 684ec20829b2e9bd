import Foundation

/// What the outsider has written: the documents' snippets, and a few programs.
extension OutsidePackage {
    static let documents = [
        "docs/consuming.md", "Sources/Platform/Kafka/Kafka.docc/Kafka.md",
        "Sources/Notion/NotionEvents/NotionEvents.docc/NotionEvents.md",
        "Sources/Notion/NotionWebhooks/NotionWebhooks.docc/NotionWebhooks.md",
        "Sources/Consuming/OrderedConsumer/OrderedConsumer.docc/OrderedConsumer.md",
        "Sources/Consuming/OrderedConsumer/KeyedConsumer.swift",
    ]

    /// The snippets of all documents by document and number: `Kafka1`.
    static let snippets: [String: MarkdownSnippet] = {
        var found: [String: MarkdownSnippet] = [:]
        for document in documents {
            let text = (try? String(contentsOf: repository.appending(path: document), encoding: .utf8)) ?? ""
            let name = document.split(separator: "/").last?.split(separator: ".").first ?? ""
            for (index, snippet) in MarkdownSnippet.all(in: text, file: document).enumerated() {
                found["\(name)\(index + 1)"] = snippet
            }
        }
        return found
    }()

    /// Snippets that need no broker and say what they print.
    static let walkThroughs = ["NotionEvents1", "NotionWebhooks1", "OrderedConsumer2"]

    /// Writes the whole package.
    init() throws {
        var files = [
            "Sources/PrintEvents/Program.swift": Self.printEvents,
            "Sources/Peeking/Peeking.swift": Self.peeking,
            "Sources/Snippets/Yours.swift": Self.yours,
            "Sources/WalkThrough/Program.swift": Self.walkThrough,
        ]
        for (name, snippet) in Self.snippets {
            files["Sources/Snippets/\(name).swift"] = snippet.source(function: name)
            guard Self.walkThroughs.contains(name) || name == "Kafka1" else { continue }
            let source = snippet.source(function: name, broker: "CommandLine.arguments[2]")
            files["Sources/WalkThrough/\(name).swift"] = source
        }
        try self.init(files)
    }

    /// What the documents leave to their reader.
    private static let yours = """
        import Kafka

        /// Where a reader's service keeps things.
        struct Index: Sendable {
            @discardableResult
            func apply(_ record: Record) async throws -> Bool { record.value != nil }
        }

        let index = Index()

        """

    private static let printEvents = """
        import Foundation
        import NotionEvents

        /// Prints id, type and entity of the records in a file, which has one value in each line.
        @main
        struct Program {
            static func main() throws {
                let data = try Data(contentsOf: URL(filePath: CommandLine.arguments[1]))
                var failures = 0
                for (index, value) in data.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
                    do {
                        let event = try Event(value: Array(value).span)
                        print(event.id, event.type, "\\(event.entity.type ?? "-")/\\(event.entity.id ?? "-")")
                    } catch {
                        failures += 1
                        FileHandle.standardError.write(Data("record \\(index + 1): \\(error)\\n".utf8))
                    }
                }
                exit(failures == 0 ? 0 : 1)
            }
        }

        """

    private static let peeking = """
        import Kafka

        func peek(_ batch: ConsumerBatch) -> [Record] {
            var batch = batch
            return batch.takeRecords()
        }

        """

    private static let walkThrough = """
        /// Runs the snippet that the first argument names, with the broker that the second one is.
        @main
        struct Program {
            static func main() async throws {
                switch CommandLine.arguments[1] {
                case "Kafka1": try await Kafka1()
                case "NotionEvents1": try await NotionEvents1()
                case "NotionWebhooks1": try await NotionWebhooks1()
                case "OrderedConsumer2": try await OrderedConsumer2()
                default: preconditionFailure("There is no such walk-through.")
                }
            }
        }

        """
}
