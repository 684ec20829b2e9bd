import TextOutput
import Timestamps

package struct ReplayCommandLine {
    private var words = ["notion-relay", "replay"]

    package init(kafka: [String], resuming name: String, checkpointTopic: String?) {
        add("--kafka", kafka.joined(separator: ","))
        add("--resume", name)
        if let checkpointTopic { add("--checkpoint-topic", checkpointTopic) }
    }

    package init(kafka: [String], _ request: ReplayRequest, rest: [OffsetRange]) {
        add("--kafka", kafka.joined(separator: ","))
        add("--topic", request.topic)
        add("--offsets", rest.map(\.description).joined(separator: ","))
        let (from, to) = request.window.times
        if let from { add("--from", Timestamp.text(milliseconds: from)) }
        if let to { add("--to", Timestamp.text(milliseconds: to)) }
        for (flag, value) in request.filter.sorted(by: { $0.key < $1.key }) { add(flag, value) }
        if let how = request.renormalizing {
            words.append("--renormalize")
            add("--key", how.key)
            add("--cloudevents", how.cloudEvents)
        }
        add("--max-replays", String(request.replaysMax))
        switch request.target {
        case .topic(let name): add("--to-topic", name)
        case .url(let url): add("--to-url", url)
        case .stdout: words.append("--to-stdout")
        }
    }

    private mutating func add(_ flag: String, _ value: String) { words += [flag, Self.quoted(value)] }

    package var text: String { words.joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            PlainText.isWord($0) || "-_./:,@%+=".unicodeScalars.contains($0)
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
