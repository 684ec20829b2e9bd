import Foundation
import TestSupport

/// Another consumer that keeps the order of keys: a command line that whoever runs the benchmark gives.
struct ConsumerPeer: Codable, Sendable {
    let command: String

    init(_ command: String) { self.command = command }

    /// Started without a shell: words are apart by spaces, and quotes hold one together.
    func start(_ topic: EventTopic, _ work: Consumers.Work) throws -> ChildProcess {
        let values = [
            "{bootstrap}": topic.bootstrapServers, "{topic}": EventTopic.name, "{count}": String(work.records),
            "{lanes}": String(Consumers.lanes), "{handler_ms}": String(work.handlerMilliseconds),
        ]
        let words = Self.words(command).map { word in
            values.reduce(word) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
        }
        guard let program = words.first else {
            throw BenchOptions.UsageError(description: "--consumer-peer \"\(command)\": there is no command in it")
        }
        return try ChildProcess(program, Array(words.dropFirst()), environment: ProcessInfo.processInfo.environment)
    }

    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch (quote, character) {
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (let open?, _) where open == character: quote = nil
            case (nil, " "):
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
