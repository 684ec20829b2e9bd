/// Lines on their way to a stream that may take them slowly or not at all. What waits is limited, and what finds no
/// room is counted. Pure.
///
/// Once a line was dropped, all further ones are until the writer takes what waits: so the place of the gap among the
/// lines is known, and the number of lost lines stands there.
struct LineQueue {
    /// What the writer takes at once: lines, and how many were lost after the last of them.
    struct Batch: Equatable {
        let lines: [[UInt8]]
        let dropped: Int
    }

    private let bytesMax: Int
    private var lines: [[UInt8]] = []
    private var bytes = 0
    private var dropped = 0
    private var settled = 0
    /// Lines taken in since the beginning, written or not.
    private(set) var accepted = 0
    /// Lines that were lost since the beginning: without room, or not taken by the stream.
    private(set) var lost = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Whether a line of so many bytes would be taken in now. An empty queue takes one of any length.
    func hasRoom(for count: Int) -> Bool { lines.isEmpty || (dropped == 0 && bytes + count <= bytesMax) }

    /// Takes in a line, or counts it as lost. Whether the writer has to be woken.
    mutating func append(_ line: [UInt8]) -> Bool {
        guard hasRoom(for: line.count) else {
            dropped += 1
            lost += 1
            return false
        }
        lines.append(line)
        bytes += line.count
        accepted += 1
        return lines.count == 1
    }

    /// Everything that waits; nil when nothing does.
    mutating func take() -> Batch? {
        guard !lines.isEmpty else { return nil }
        defer { (lines, bytes, dropped) = ([], 0, 0) }
        return Batch(lines: lines, dropped: dropped)
    }

    /// The writer is done with a batch; so many of its lines the stream did not take.
    mutating func settle(_ batch: Batch, unwritten: Int) {
        settled += batch.lines.count
        lost += unwritten
    }

    /// Whether all of the first `count` lines are written or given up.
    func isSettled(upTo count: Int) -> Bool { settled >= count }
}
