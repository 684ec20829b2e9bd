internal import Glibc

/// The process's stdout, for data.
package enum StandardOutput {
    package static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes all of the bytes, however long that takes; false when nobody reads them any more.
    package static func write(_ bytes: [UInt8]) -> Bool {
        Screen.write(bytes, to: STDOUT_FILENO)
    }
}
