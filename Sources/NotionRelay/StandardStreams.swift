import Foundation

/// stdout is data, stderr is notices.
enum StandardStreams {
    /// Writes a line of data. Whoever read it may have left (`tail | head`): then there is nobody to work for.
    static func data(_ line: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            exit(0)
        }
    }

    /// Writes a notice for a person; one that cannot be written is lost.
    static func notice(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
