import Kafka
import NotionWebhooks
import Operations
import Subscriptions
import TestSupport
import Testing

/// Every command with a stdout that takes nothing: a full disk, a file that is closed, a pipe without a reader.
@Suite(.timeLimit(.minutes(5)))
struct UnwritableOutputTests {
    /// How a shell starts the program. `$0` is a file that is not there yet.
    private enum Output: CaseIterable {
        case taken, full, closed, limited, unread

        var script: String {
            switch self {
            case .taken: #"exec "$@""#
            case .full: #"exec "$@" >/dev/full"#
            case .closed: #"exec "$@" >&-"#
            case .limited: #"ulimit -f 0; exec "$@" >"$0""#
            case .unread: #"mkfifo "$0"; exec 3<>"$0" 4>"$0" 3<&-; exec "$@" >&4 4>&-"#
            }
        }

        /// The system's words; nil where nothing is wrong.
        var error: String? {
            switch self {
            case .taken, .unread: nil
            case .full: "No space left on device"
            case .closed: "Bad file descriptor"
            case .limited: "File too large"
            }
        }

        func run(_ words: [String], environment: [String: String] = [:]) async throws -> Run {
            let folder = try TemporaryDirectory("output")
            let child = try ChildProcess(
                "sh",
                ["-c", script, folder.file("stdout"), RelayProcess.binary] + words,
                environment: environment
            )
            let status = try await withTimeout(.seconds(60), "\(words) \(self)") { await child.exitStatus() }
            return Run(status: status, output: child.output.all, errors: child.errors.all)
        }
    }

    private struct Run {
        let status: TestSupport.ExitStatus
        let output: [String]
        let errors: [String]
    }

    private static let message = "notion-relay: stdout could not be written, so the output is lost or cut off: "

    /// Runs it with a stdout that takes what is written, and with each that does not.
    private func check(_ words: [String], environment: [String: String] = [:], _ outputs: [Output]) async throws {
        let whole = try await Output.taken.run(words, environment: environment)
        #expect(!whole.output.isEmpty, "\(words): \(whole)")
        for output in outputs {
            let cut = try await output.run(words, environment: environment)
            guard let error = output.error else {
                #expect(cut.status == whole.status, "\(words) \(output): \(cut)")
                #expect(!cut.errors.contains { $0.hasPrefix(Self.message) }, "\(words) \(output): \(cut)")
                continue
            }
            #expect(cut.status == .exited(1), "\(words) \(output): \(cut)")
            #expect(cut.errors.last == Self.message + error, "\(words) \(output): \(cut)")
        }
    }

    @Test(arguments: [
        ["subscription", "keygen"], ["config", "print", "forward", "--group", "full"], ["man"],
        ["completions", "bash"],
        ["config", "validate", "receive", "--kafka", "localhost:9092"], ["--help"], ["tail", "--help"], ["--version"],
    ])
    func `a command without Kafka fails when its output is lost, and not when nobody reads on`(
        words: [String]
    ) async throws {
        try await check(words, Output.allCases.filter { $0 != .taken })
    }

    @Test
    func `nothing is said about a sealing key that is lost`() async throws {
        let lost = try await Output.full.run(["subscription", "keygen"])
        #expect(lost.errors == [Self.message + "No space left on device"])
    }

    @Test(arguments: ["dev", "demo"])
    func `a command that goes on for long ends when nobody can read what it tells`(command: String) async throws {
        let places = ["--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0"]
        let words = [command] + (command == "dev" ? places : [])
        for output in [Output.full, .closed] {
            let cut = try await output.run(words)
            #expect(cut.status == .exited(1), "\(cut)")
            #expect(cut.errors.last == Self.message + (output.error ?? ""), "\(cut)")
        }
    }

    private static let token = "secret_never_shown_unasked"
    /// They print nothing to stdout, or are in the tables above.
    private static let others: Set<Command> = [
        .receive, .forward, .groupsPause, .groupsResume, .subscriptionKeygen, .configPrint, .configValidate, .dev,
        .demo, .completions, .man,
    ]

    private func words(
        _ command: Command,
        _ kafka: String,
        _ topic: String,
        _ folder: TemporaryDirectory
    ) throws
        -> [String]
    {
        let place = ["--kafka", kafka, "--topic", topic]
        let keys = ["--kafka", kafka, "--subscriptions-topic", "\(topic).subscriptions"]
        let ledger = ["--ledger", folder.file("ledger")]
        let fingerprint = Fingerprint(try #require(VerificationToken(Self.token))).description
        switch command {
        case .topicsApply, .topicsPlan:
            return place + keys.suffix(2) + ["--dead-letter-topic", "\(topic).dead", "--group", "full"]
        case .tail: return place + ["--from", "beginning", "--exit-at-end"]
        case .redrive: return place + ["--group", "full", "--dry-run"]
        case .replay: return place + ["--last", "3", "--to-stdout"]
        case .groups: return place + ["--format", "json"]
        case .subscriptionPending: return keys + ["--format", "json"]
        case .subscriptionList: return keys + ["--topic", topic, "--format", "json"]
        case .subscriptionActivate: return [fingerprint] + keys
        case .subscriptionRetire: return [fingerprint, "--at", "2099-01-01T00:00Z"] + keys
        case .subscriptionImport: return keys
        case .simulateDeliver:
            let url = "http://127.0.0.1:\(FreePort.next())/"
            return ["--url", url, "--token", Self.token, "--count", "1", "--deadline", "1s"] + ledger
        case .simulateCheck: return place + ledger
        case .doctor: return place + ["--timeout", "1s"]
        case .inspect: return [folder.file("body.json")]
        default: preconditionFailure("\(command) is in the tables above.")
        }
    }

    @Test(.needsKafka)
    func `all other commands fail when their output is lost, and not when nobody reads on`() async throws {
        let (topic, client) = try await SharedKafka.topic()
        let record = Record(topic: topic, key: Array("k".utf8), value: Array("{}".utf8))
        try RecordSender.send([record, record, record], client)
        let folder = try TemporaryDirectory("full")
        try folder.write("{}", to: "body.json")
        let environment = [
            "NOTION_RELAY_SEALING_KEY": SealingKey.generate().revealed(),
            "NOTION_RELAY_VERIFICATION_TOKENS": Self.token,
        ]
        // In an order in which each one finds what it needs.
        let first: [Command] = [.topicsApply, .subscriptionImport, .simulateDeliver]
        let rest = Command.allCases.filter { !first.contains($0) && !Self.others.contains($0) }
        for command in first + rest {
            let words = try words(command, client.bootstrapServers[0], topic, folder)
            let environment = command == .inspect || command.rawValue.hasPrefix("subscription") ? environment : [:]
            try await check(
                command.rawValue.split(separator: " ").map(String.init) + words,
                environment: environment,
                [.full, .closed, .unread]
            )
        }
    }
}
