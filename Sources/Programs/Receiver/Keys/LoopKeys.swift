import HTTPFraming
import NotionWebhooks
import Operations
import Subscriptions

/// One loop's verifiers, by the paths that deliveries come to; renewed when the board changes. Confined to its thread.
///
/// At the path of the settings every token verifies; below it, at the name of a subscription, the tokens of that name.
final class LoopKeys {
    enum Place {
        /// The path of the settings, or that of a subscription.
        case door(Int)
        /// The path that a subscription of this name would have, and there is none.
        case unclaimed(SubscriptionName)
        case nowhere
    }

    struct Door {
        let nameBytes: [UInt8]
        let name: SubscriptionName?
        let verifier: SignatureVerifier
        /// The places, on the keyring, of the verifier's tokens.
        let keys: [Int]
    }

    /// What is noted of one token's deliveries.
    private struct Usage {
        let key: Keyring.Key
        let deliveries: Counter
        var nextNoteAt: Int64 = 0
    }

    // Limit: noting makes some strings; one each ten seconds is exact enough to see that a token is used.
    private static let noteMilliseconds: Int64 = 10_000

    private let board: KeyBoard
    private let uses: TokenUses
    private let base: [UInt8]
    private var version = -1
    private(set) var doors: [Door] = []
    private var usages: [Usage] = []

    init(path: String, board: KeyBoard, uses: TokenUses) {
        self.board = board
        self.uses = uses
        base = Array(path.utf8)
    }

    /// Where a request's path leads to. Looks first whether the board has changed.
    func place(of path: Span<UInt8>) -> Place {
        if board.version != version { renew() }
        guard path.count >= base.count, Self.begins(path, with: base) else { return .nowhere }
        if path.count == base.count { return .door(0) }
        let start = base.last == UInt8(ascii: "/") ? base.count : base.count + 1
        guard path.count > start, path[start - 1] == UInt8(ascii: "/"),
            path.count - start <= SubscriptionName.lengthBytesMax
        else { return .nowhere }
        let name = path.extracting(start..<path.count)
        for index in 1..<doors.count where name.count == doors[index].nameBytes.count {
            if Self.begins(name, with: doors[index].nameBytes) { return .door(index) }
        }
        return SubscriptionName(name.text).map { .unclaimed($0) } ?? .nowhere
    }

    private static func begins(_ bytes: Span<UInt8>, with other: [UInt8]) -> Bool {
        for index in other.indices where bytes[index] != other[index] { return false }
        return true
    }

    private func renew() {
        version = board.version
        let keys = board.keyring.keys
        usages = keys.map { key in
            let earlier = usages.first { $0.key.fingerprint == key.fingerprint }?.nextNoteAt ?? 0
            return Usage(key: key, deliveries: uses.deliveries(of: key), nextNoteAt: earlier)
        }
        doors = [Self.door(nil, keys)] + Set(keys.compactMap(\.name)).sorted().map { Self.door($0, keys) }
    }

    private static func door(_ name: SubscriptionName?, _ keys: [Keyring.Key]) -> Door {
        let wanted = keys.indices.filter { name == nil || keys[$0].name == name }
        return Door(
            nameBytes: Array((name?.text ?? "").utf8),
            name: name,
            verifier: SignatureVerifier(tokens: wanted.map { keys[$0].token }),
            keys: wanted
        )
    }

    /// A delivery that a token of a door signed was understood.
    func note(_ delivery: borrowing Delivery, by tokenIndex: Int, at door: Int, now: Int64) {
        let index = doors[door].keys[tokenIndex]
        usages[index].deliveries.increment()
        guard now >= usages[index].nextNoteAt else { return }
        usages[index].nextNoteAt = now + Self.noteMilliseconds
        uses.note(usages[index].key.fingerprint, delivery, at: now)
    }
}
