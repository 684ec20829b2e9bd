import Foundation

/// One call of a handler in a member program, as it wrote it down.
struct Call: Sendable {
    let member: String
    let key: String
    let number: Int
    let id: String
    let partition: Int32
    let offset: Int64
    /// Nanoseconds since the machine's start.
    let begin: Int
    /// `nil`: the process ended first.
    var end: Int?
    var outcome: String?

    var isDone: Bool { outcome == "done" }

    /// All calls in one member's file. A last line without its end was not written whole, and counts for nothing.
    static func all(in path: String) -> [Call] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var calls: [Int: Call] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count >= 4, let index = Int(columns[1]) else { continue }
            if columns[0] == "E" {
                calls[index]?.outcome = columns[2]
                calls[index]?.end = Int(columns[3])
            } else if columns.count == 9 {
                calls[index] = Call(
                    member: columns[2],
                    key: columns[3],
                    number: Int(columns[4]) ?? -1,
                    id: columns[5],
                    partition: Int32(columns[6]) ?? -1,
                    offset: Int64(columns[7]) ?? -1,
                    begin: Int(columns[8]) ?? 0
                )
            }
        }
        return calls.values.sorted { $0.begin < $1.begin }
    }
}

/// A time in which a member was killed, frozen or made to leave, or the broker was away from all for too long.
struct Absence: Sendable {
    enum Kind: String, Sendable {
        case killed, frozen, left, cutOff
    }

    let member: String
    let kind: Kind
    /// Nanoseconds since the machine's start.
    let from: Int
    /// When a frozen member went on, or the broker was back.
    var until: Int?

    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
