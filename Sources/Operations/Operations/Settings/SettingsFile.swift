internal import Glibc

/// Reads the small files that settings name, never more of them than a limit.
enum SettingsFile {
    static func read(_ path: String, bytesMax: Int) throws(ValueRefusal) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw ValueRefusal(reason: "cannot be opened: \(errorText())") }
        defer { close(descriptor) }
        try checkKind(of: descriptor)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ValueRefusal(reason: "cannot be read: \(errorText())") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= bytesMax else {
                throw ValueRefusal(reason: "is larger than \(SettingValue.bytes(bytesMax))")
            }
            bytes += chunk[..<count]
        }
    }

    /// Safety: a pipe or a device may have no end, nothing yet, or something else when it is read again. Links are
    /// followed, as Kubernetes mounts secrets by them.
    private static func checkKind(of descriptor: Int32) throws(ValueRefusal) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ValueRefusal(reason: "cannot be read: \(errorText())") }
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: nil as String?
            case S_IFDIR: "a folder"
            case S_IFIFO: "a pipe"
            case S_IFCHR, S_IFBLK: "a device"
            default: "of another kind"
            }
        if let kind { throw ValueRefusal(reason: "is \(kind), not a regular file") }
    }

    static func readText(_ path: String, bytesMax: Int) throws(ValueRefusal) -> String {
        guard let text = String(validating: try read(path, bytesMax: bytesMax), as: UTF8.self) else {
            throw ValueRefusal(reason: "is not UTF-8")
        }
        return text
    }

    /// Nil for what is no folder. Entries with a dot in front are left out: Kubernetes keeps there what others link to.
    static func names(in path: String, countMax: Int) throws(ValueRefusal) -> [String]? {
        guard let folder = opendir(path) else {
            if errno == ENOTDIR { return nil }
            throw ValueRefusal(reason: "cannot be opened: \(errorText())")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            guard names.count < countMax else { throw ValueRefusal(reason: "holds more than \(countMax) files") }
            names.append(name)
        }
        return names.sorted()
    }

    /// Reads a file that a setting names: what is wrong with the file is what is wrong with the setting.
    static func ofSetting<Value>(
        _ place: String = "",
        _ read: () throws(ValueRefusal) -> Value
    ) throws(ValueRefusal) -> Value {
        do throws(ValueRefusal) {
            return try read()
        } catch {
            throw ValueRefusal(reason: "names a file that \(error.reason)\(place)")
        }
    }

    private static func errorText() -> String { String(cString: strerror(errno)) }
}
