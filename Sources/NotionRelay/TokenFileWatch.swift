import NotionWebhooks
import Operations
import Receiver
import Subscriptions
import Synchronization
import Timestamps

/// The file or folder of verification tokens, checked again and again: changes are loaded without a restart, and a file
/// that cannot be used leaves the tokens that were loaded before.
final class TokenFileWatch: Sendable {
    private let path: String
    private let activeTokens: ActiveTokens
    private let log: Log
    private let reloads: MetricFamily<Counter>
    private let seen: Mutex<Result<[SecretFile], ValueRefusal>>

    /// Nil when the tokens are not in files. What is there now is loaded at once, with its names.
    init?(_ settings: ResolvedSettings, activeTokens: ActiveTokens, metrics: MetricRegistry, log: Log) throws {
        reloads = metrics.counters(
            "notion_relay_token_file_reloads_total",
            "Changed files of verification tokens, by whether they could be used.",
            labels: ["result"]
        )
        guard let path = settings.file(of: \.edge.verificationTokens) else { return nil }
        self.path = path
        self.activeTokens = activeTokens
        self.log = log
        let files = try SecretFile.read(path)
        activeTokens.configure(try Self.tokens(files), now: Timestamp.now())
        seen = Mutex(.success(files))
    }

    func look() {
        let found = Result { () throws(ValueRefusal) in try SecretFile.read(path) }
        let isNew = seen.withLock { seen in
            defer { seen = found }
            return seen != found
        }
        guard isNew else { return }
        do {
            let files = try found.get()
            let tokens = try Self.tokens(files)
            activeTokens.configure(tokens, now: Timestamp.now())
            reloads.with("loaded").increment()
            log.info(
                "token_files_loaded",
                ["tokens": tokens.count, "fingerprints": tokens.map(\.token.fingerprint).joined(separator: ",")]
            )
            log.warn(of: DoubtfulSecret.found(in: files, at: path))
        } catch {
            reloads.with("refused").increment()
            let reason = (error as? ValueRefusal)?.reason ?? "\(error)"
            log.error(
                "token_files_refused",
                ["path": path, "error": reason, "hint": "the tokens that were loaded before stay in use"]
            )
        }
    }

    private static func tokens(_ files: [SecretFile]) throws -> [Keyring.Configured] {
        try files.flatMap { file in
            let name = file.name.flatMap { SubscriptionName($0) }
            return try file.secrets.map { Keyring.Configured(try VerificationToken(setting: $0), name: name) }
        }
    }
}

extension Log {
    /// Of tokens that most likely verify nothing.
    func warn(of tokens: [DoubtfulSecret]) {
        for token in tokens {
            warning("token_doubtful", ["token": token.place, "reason": token.reason, "hint": DoubtfulSecret.hint])
        }
    }
}
