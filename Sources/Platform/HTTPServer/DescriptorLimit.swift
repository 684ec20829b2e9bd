import Glibc

/// The process's limit of open files, which connections are among.
package enum DescriptorLimit {
    // Limit: what a process needs beside its clients' connections: loops, brokers, files, a port for probes.
    package static let reserve = 256

    /// Lets the process open as many files as so many connections need, up to what the system grants it.
    ///
    /// - Returns: the connections there is room for, never more than were asked for.
    package static func makeRoom(forConnections wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        let needed = rlim_t(wanted + reserve)
        if limit.rlim_cur < needed, limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(needed, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return min(wanted, max(1, Int(clamping: limit.rlim_cur) - reserve))
    }
}
