import Glibc
import Kafka
import OrderedConsumer
import Synchronization

/// Writes calls into a file, a line each with one system call, so that a line that was written outlives the process
/// however it ends. The columns are divided by tabs.
///
///     B <call> <member> <key> <number> <id> <partition> <offset> <time>
///     E <call> <outcome> <time>
final class CallLog: Sendable {
    private let descriptor: Int32
    private let member: String
    private let count = Atomic<Int>(0)

    struct Failure: Error {
        let description: String
    }

    init(_ path: String, member: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        self.member = member
    }

    /// Nanoseconds since the machine's start, the same for all processes.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    func begin(_ consumed: ConsumedRecord) -> Int {
        let call = count.add(1, ordering: .relaxed).newValue
        let record = consumed.record
        let key = String(decoding: record.key ?? [], as: UTF8.self)
        let number = String(decoding: record.value ?? [], as: UTF8.self)
        let place = "\(record.partition ?? -1)\t\(record.offset ?? -1)"
        write("B\t\(call)\t\(member)\t\(key)\t\(number)\t\(consumed.id ?? "")\t\(place)\t\(Self.now)\n")
        return call
    }

    func end(_ call: Int, _ outcome: String) {
        write("E\t\(call)\t\(outcome)\t\(Self.now)\n")
    }

    private func write(_ line: String) {
        var line = line
        let isWhole = line.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        precondition(isWhole, "The log of calls could not be written.")
    }
}
