internal import Synchronization

/// Whether the process is alive and ready, as the sum of named conditions. Each part of the program owns its own.
///
/// Ready means: it makes sense to send deliveries here. Live means: do not restart this. What a broker does is a matter
/// of readiness only, since a restart would not help it.
package final class Health: Sendable {
    package enum Kind: Sendable {
        case live, ready
    }

    /// One condition, held back by a reason or met.
    package struct Condition: Sendable {
        fileprivate let health: Health
        fileprivate let index: Int

        /// Not met, because.
        package func hold(_ reason: String) { health.set(index, reason) }

        package func meet() { health.set(index, nil) }
    }

    private struct Entry {
        let kind: Kind
        let name: String
        var reason: String?
    }

    private struct Check {
        let kind: Kind
        let name: String
        let reason: @Sendable () -> String?
    }

    private let entries = Mutex<[Entry]>([])
    private let checks = Mutex<[Check]>([])
    private let log: Log?

    /// Changes of readiness are logged, each once.
    package init(log: Log? = nil) { self.log = log }

    /// Adds a condition that is not met until its owner says so.
    package func condition(_ kind: Kind, _ name: String, because reason: String) -> Condition {
        entries.withLock { entries in
            entries.append(Entry(kind: kind, name: name, reason: reason))
            return Condition(health: self, index: entries.count - 1)
        }
    }

    /// Adds a condition that is looked at whenever somebody asks: `reason` says why it is not met, without waiting for
    /// anything.
    package func check(_ kind: Kind, _ name: String, _ reason: @escaping @Sendable () -> String?) {
        checks.withLock { $0.append(Check(kind: kind, name: name, reason: reason)) }
    }

    /// `kafka: no metadata yet` for each condition that is not met; what is not live is not ready either.
    package func reasons(against kind: Kind) -> [String] {
        let held: [String] = entries.withLock { entries in
            entries.compactMap { entry in
                guard let reason = entry.reason, kind == .ready || entry.kind == .live else { return nil }
                return "\(entry.name): \(reason)"
            }
        }
        let checks = self.checks.withLock { $0 }.filter { kind == .ready || $0.kind == .live }
        let found = checks.compactMap { check in check.reason().map { "\(check.name): \($0)" } }
        return held + found
    }

    package var isLive: Bool { reasons(against: .live).isEmpty }
    package var isReady: Bool { reasons(against: .ready).isEmpty }

    private func set(_ index: Int, _ reason: String?) {
        let (isNews, isReady, name) = entries.withLock { entries in
            let others = entries.indices.filter { $0 != index }.map { entries[$0].reason }
            let isOld = entries[index].reason == reason || (reason != nil && others.contains(reason))
            entries[index].reason = reason
            return (!isOld, others.allSatisfy { $0 == nil } && reason == nil, entries[index].name)
        }
        guard isNews, let log else { return }
        if let reason {
            log.limited(.warning, "not_ready", by: name, ["reason": reason])
        } else if isReady {
            log.limited(.info, "ready")
        }
    }
}
