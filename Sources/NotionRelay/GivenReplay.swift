import NotionEvents
import Operations
import RecordOutput
import Replayer

/// What the settings of `replay` ask for. A part that is nil was not given.
struct GivenReplay {
    let topic: String
    private let isTopicGiven: Bool
    let window: WindowRequest?
    let filter: RecordFilter
    let target: ReplayDestination?
    let replaysMax: Int?
    let renormalizing: Renormalizing?

    init(_ settings: ResolvedSettings) throws {
        isTopicGiven = Self.isOwn(settings.source(\.topic))
        topic = settings[\.topic]
        window = try Self.window(settings)
        filter = try RecordFilter(settings, SettingsTable.shared.replay.filter)
        target = try Self.target(settings)
        replaysMax = settings[\.replay.replaysMax]
        renormalizing =
            settings[\.replay.renormalize]
            ? Renormalizing(key: settings[\.edge.key].rawValue, cloudEvents: settings[\.edge.cloudEvents].rawValue)
            : nil
    }

    /// The topic that all commands share does not contradict the one of a replay that was begun.
    private static func isOwn(_ source: SettingSource) -> Bool {
        switch source {
        case .standard, .file: false
        case .environment(let name): name != SettingsTable.shared.topic.row.environment
        case .flag: true
        }
    }

    private static func window(_ settings: ResolvedSettings) throws -> WindowRequest? {
        let from = try time(settings, \.replay.from, "--from", besides: .beginning)
        let to = try time(settings, \.replay.to, "--to", besides: .end)
        let offsets = settings[\.replay.offsets]
        if let last = settings[\.replay.last] {
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

    private struct Point {
        let milliseconds: Int64?
    }

    private static func time(
        _ settings: ResolvedSettings,
        _ path: ResolvedSettings.Path<StartPosition?>,
        _ flag: String,
        besides word: StartPosition
    ) throws -> Point? {
        guard let position = settings[path] else { return nil }
        if case .time(let milliseconds) = position { return Point(milliseconds: milliseconds) }
        guard position == word else {
            throw UsageError("\(flag) \(position): write \(word), or a time such as 2026-10-06T09:02:47Z")
        }
        return Point(milliseconds: nil)
    }

    private static func target(_ settings: ResolvedSettings) throws -> ReplayDestination? {
        let toStdout: ReplayDestination? = settings[\.replay.toStdout] ? .stdout : nil
        let given = [
            settings[\.replay.toTopic].map { .topic($0) }, settings[\.replay.toURL].map { .url($0) }, toStdout,
        ]
        .compactMap(\.self)
        guard given.count <= 1 else { throw UsageError("give one of --to-topic, --to-url and --to-stdout") }
        return given.first
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
            topic: topic,
            window: window,
            filter: Dictionary(filter.arguments.map { ($0.flag, $0.value) }) { first, _ in first },
            target: target,
            replaysMax: replaysMax ?? 3,
            renormalizing: renormalizing
        )
    }

    func differences(from begun: ReplayRequest) -> [String] {
        var flags: [String] = []
        if isTopicGiven, topic != begun.topic { flags.append("--topic") }
        if let window, window != begun.window { flags.append("the window") }
        for (flag, value) in filter.arguments where begun.filter[flag] != value { flags.append(flag) }
        if let target, target != begun.target { flags.append("the target") }
        if let replaysMax, replaysMax != begun.replaysMax { flags.append("--max-replays") }
        if let renormalizing, renormalizing != begun.renormalizing {
            flags.append("--renormalize, --key or --cloudevents")
        }
        return flags
    }

    var isEmpty: Bool { window == nil && target == nil && filter.isEmpty }
}
