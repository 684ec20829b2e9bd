internal import Glibc

/// Reads the small files that settings name, never more of them than a limit.
enum SettingsFile {
    struct Refusal: Error, Equatable {
        let reason: String
    }

    static func read(_ path: String, bytesMax: Int) throws(Refusal) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(reason: "cannot be opened: \(errorText())") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Refusal(reason: "cannot be read: \(errorText())") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= bytesMax else {
                throw Refusal(reason: "is larger than \(SettingValue.bytes(bytesMax))")
            }
            bytes += chunk[..<count]
        }
    }

    private static func errorText() -> String {
        String(cString: strerror(errno))
    }
}
