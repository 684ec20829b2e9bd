import Foundation
import Operations

/// stdout is data, stderr is notices.
enum StandardStreams {
    /// Writes a line of data.
    static func data(_ line: String) { data(bytes: Array((line + "\n").utf8)) }

    /// Writes data as it is. Whoever read it may have left (`tail | head`): then there is nobody to work for.
    static func data(bytes: [UInt8]) {
        guard !StandardOutput.write(bytes) else { return }
        StandardError.showStatus([])
        exit(0)
    }

    /// Writes a notice for a person; one that cannot be written is lost.
    static func notice(_ line: String) { StandardError.notice(line) }
}
