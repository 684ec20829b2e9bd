import NotionEvents
import Operations
import RecordOutput
import Replayer

/// What the flags of `replay` say of what is to be done. A part that is nil was not given.
struct GivenReplay {
    let topic: String?
    let window: WindowRequest?
    let filter: RecordFilter
    let target: ReplayDestination?
    let replaysMax: Int?
    let renormalizing: Renormalizing?

    init(_ settings: ResolvedSettings) throws {
        topic = settings.string(ifSet: .replayFromTopic)
        window = try Self.window(settings)
        filter = try RecordFilter(settings, .replay)
        target = try Self.target(settings)
        replaysMax = settings.int(ifSet: .replaysMax)
        renormalizing =
            settings.flag(.replayRenormalize)
            ? Renormalizing(key: settings.string(.key), cloudEvents: settings.string(.cloudEvents)) : nil
    }

    private static func window(_ settings: ResolvedSettings) throws -> WindowRequest? {
        let from = try time(settings, .replayFrom, "--from", besides: .beginning)
        let to = try time(settings, .replayTo, "--to", besides: .end)
        let offsets = settings.string(ifSet: .replayOffsets)
        let last = settings.int(ifSet: .replayLast)
        if let last {
            guard offsets == nil, from == nil, to == nil else {
                throw UsageError("--last stands alone: leave --from, --to and --offsets out, or --last")
            }
            return .last(Int64(last))
        }
        if let offsets {
            do throws(OffsetRangeError) {
                return .offsets(try OffsetRange.list(offsets), from: from?.milliseconds, to: to?.milliseconds)
            } catch {
                throw UsageError("--offsets: \(error)")
            }
        }
        guard let from else {
            guard to == nil else { throw UsageError("--to needs --from: write --from beginning for all before it") }
            return nil
        }
        return .times(from: from.milliseconds, to: to?.milliseconds)
    }

    /// A point that was given: nil milliseconds are the topic's own beginning or end.
    private struct Point {
        let milliseconds: Int64?
    }

    private static func time(
        _ settings: ResolvedSettings,
        _ key: SettingKey,
        _ flag: String,
        besides word: StartPosition
    ) throws -> Point? {
        guard let position = settings.position(ifSet: key) else { return nil }
        if case .time(let milliseconds) = position { return Point(milliseconds: milliseconds) }
        guard position == word else {
            throw UsageError("\(flag) \(position): write \(word), or a time such as 2026-10-06T09:02:47Z")
        }
        return Point(milliseconds: nil)
    }

    private static func target(_ settings: ResolvedSettings) throws -> ReplayDestination? {
        let targets: [ReplayDestination?] = [
            settings.string(ifSet: .replayToTopic).map { .topic($0) },
            settings.string(ifSet: .replayToURL).map { .url($0) },
            settings.flag(.replayToStdout) ? .stdout : nil,
        ]
        let given = targets.compactMap(\.self)
        guard given.count <= 1 else { throw UsageError("give one of --to-topic, --to-url and --to-stdout") }
        return given.first
    }
}

extension GivenReplay {
    private static let defaultTopic = Topics.events
    private static let defaultReplaysMax = 3

    private var filterArguments: [String: String] {
        Dictionary(filter.arguments.map { ($0.flag, $0.value) }) { first, _ in first }
    }

    /// The whole request of a replay that begins. A dry run and a plan need no target.
    func request(isCountOnly: Bool) throws -> ReplayRequest {
        guard let window else {
            throw UsageError("say what to replay: --from (and --to), --offsets or --last; --from beginning is all")
        }
        guard let target = target ?? (isCountOnly ? .stdout : nil) else {
            throw UsageError("say where to: --to-topic TOPIC, --to-url URL or --to-stdout; or count with --dry-run")
        }
        return ReplayRequest(
            topic: topic ?? Self.defaultTopic,
            window: window,
            filter: filterArguments,
            target: target,
            replaysMax: replaysMax ?? Self.defaultReplaysMax,
            renormalizing: renormalizing
        )
    }

    /// In what it differs from a replay that was begun, as far as it says anything: flags.
    func differences(from begun: ReplayRequest) -> [String] {
        var flags: [String] = []
        if let topic, topic != begun.topic { flags.append("--from-topic") }
        if let window, window != begun.window { flags.append("the window") }
        for (flag, value) in filter.arguments where begun.filter[flag] != value { flags.append(flag) }
        if let target, target != begun.target { flags.append("the target") }
        if let replaysMax, replaysMax != begun.replaysMax { flags.append("--max-replays") }
        if let renormalizing, renormalizing != begun.renormalizing {
            flags.append("--renormalize, --key or --cloudevents")
        }
        return flags
    }

    /// Whether nothing was said about what to replay.
    var isEmpty: Bool { window == nil && target == nil && filter.isEmpty }
}
