import Foundation
import Kafka
import NotionWebhooks
import Operations
import RecordOutput
import Subscriptions
import TextOutput

struct CommandContext {
    let settings: ResolvedSettings
    let log: Log

    /// The stop of a command that serves until it is told to end: after this delay, and within the grace period.
    /// SIGHUP, which a service manager or a closed terminal sends, is told and ends nothing.
    func stopOfService(after delay: Duration = .zero) -> StopSignal {
        StopSignal(
            deadline: delay + settings[\.edge.gracePeriod] + .seconds(2),
            hangUp: { [log] in
                log.info(
                    "hang_up",
                    ["hint": "ignored; changed certificates and tokens are read anyway, settings at a start"]
                )
            }
        )
    }

    var client: ClientSettings { ClientSettings(bootstrapServers: settings[\.kafka], extra: settings.kafkaOptions) }

    /// For commands that a person has started.
    func warnOfTokens() {
        for token in settings.doubtfulTokens() {
            StandardStreams.notice("notion-relay: warning: \(token.place) \(token.reason); \(DoubtfulSecret.hint)")
        }
    }
}

/// Why a command failed, for the last line on stderr; the exit status is 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ResolvedSettings {
    func verificationTokens() throws -> [VerificationToken] {
        try self[\.edge.verificationTokens].map { try VerificationToken(setting: $0) }
    }

    func sealingKeys() throws -> SealingKeys {
        SealingKeys(
            try self[\.edge.sealingKeys].enumerated().map { index, secret in
                guard let key = SealingKey(secret.revealed()) else {
                    throw UsageError("sealing key \(index + 1) is not one: a key is \(SealingKey.allowed)")
                }
                return key
            }
        )
    }

    /// As it is set; by default open with a sealing key, or without any token.
    func enrolment(hasTokens: Bool, hasSealingKey: Bool) -> Enrolment {
        self[\.edge.enrolment] ?? (hasSealingKey || !hasTokens ? .open : .closed)
    }
}

extension VerificationToken {
    init(setting secret: Secret) throws {
        guard let token = VerificationToken(secret.revealed()) else {
            throw UsageError("a verification token is empty, longer than 512 bytes or holds other than visible ASCII")
        }
        self = token
    }
}

extension TerminalColors {
    init(ofOutput choice: ColorChoice) {
        let environment = ProcessInfo.processInfo.environment
        self.init(choice, isTerminal: StandardOutput.isTerminal, environment: environment)
    }
}

/// stdout is data, stderr is notices.
enum StandardStreams {
    /// Writes one or more lines for people or programs. Harmful characters that nobody took care of before become dots.
    static func data(_ text: String) { data(bytes: Array((PlainText.lines(text) + "\n").utf8)) }

    /// Writes JSON, or else lines. Those with colours are safe by themselves and written as they are.
    static func show(
        isJSON: Bool,
        _ json: @autoclosure () -> String,
        _ lines: @autoclosure () -> [String],
        hasColors: Bool = false
    ) {
        guard !isJSON else { return data(json()) }
        for line in lines() { data(bytes: Array(((hasColors ? line : PlainText.word(line)) + "\n").utf8)) }
    }

    /// Writes data as it is. What stdout does not take is told at the end of the process, by ``end(_:)``.
    static func data(bytes: [UInt8]) { try? StandardOutput.write(bytes) }

    /// Writes data that all else of the command depends on, such as the next part of what has no end. Once its
    /// reader has closed the pipe (`tail | head`), the process ends in silence.
    static func stream(bytes: [UInt8]) throws(OutputFailure) {
        do throws(OutputFailure) {
            try StandardOutput.write(bytes)
        } catch {
            guard error.isReaderGone else { throw error }
            StandardError.showStatus([])
            exit(ExitStatus.success.rawValue)
        }
    }

    /// The status of the process after that of its command: output that is missing is a failure of any command.
    static func end(_ status: ExitStatus) -> ExitStatus {
        guard let failure = StandardOutput.failure(), !failure.isReaderGone else { return status }
        notice("notion-relay: \(failure)")
        return status == .success ? .failure : status
    }

    /// Writes lines for people beside a service of this process: they never hold up its stop.
    static func post(_ text: String) { StandardOutput.post(text) }

    /// Writes a notice for people; one that cannot be written is dropped.
    static func notice(_ line: String) { StandardError.notice(line) }
}
