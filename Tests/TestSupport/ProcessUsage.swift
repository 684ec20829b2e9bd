import Foundation

/// What a process has used, from /proc.
package struct ProcessUsage: Sendable {
    /// User and system time of all its threads, also those that have ended.
    package let cpuSeconds: Double
    package let residentBytes: Int
    package let threads: Int

    /// Nil when there is no such process any more.
    package init?(pid: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        // The fields after the name, which may hold spaces: state is the third of proc(5)'s table.
        let fields = stat[nameEnd...].split(separator: " ").dropFirst()
        let values = Array(fields)
        guard values.count > 21, let user = Double(values[11]), let system = Double(values[12]),
            let threads = Int(values[17]), let pages = Int(values[21])
        else { return nil }
        self.cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        self.residentBytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        self.threads = threads
    }
}
