internal import Glibc
internal import Timestamps

package enum ProcessMetrics {
    package static func register(in registry: MetricRegistry, librdkafkaVersion: String) {
        let build = registry.gauges(
            "notion_relay_build_info",
            "Versions of the program and of librdkafka; always 1.",
            labels: ["version", "librdkafka"]
        )
        build.with(Version.text, librdkafkaVersion).set(1)
        let memory = registry.gauge("process_resident_memory_bytes", "Memory that is resident.")
        let time = registry.total("process_cpu_seconds_total", "User and system time in seconds.")
        let files = registry.gauge("process_open_fds", "Open file descriptors.")
        let start = registry.gauge("process_start_time_seconds", "Start of the process in seconds since 1970.")
        start.set(startSeconds() ?? 0)
        let lines = registry.counter(
            "notion_relay_log_lines_dropped_total",
            "Log lines that stderr did not take: nobody read them, or they could not be written."
        )
        registry.beforeScrape {
            memory.set(residentBytes() ?? 0)
            time.set(cpuSeconds())
            files.set(openDescriptors() ?? 0)
            lines.set(total: UInt64(StandardError.linesDropped))
        }
    }

    static func residentBytes() -> Int? {
        guard let pages = field(1, of: "/proc/self/statm").flatMap({ Int($0) }) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// Includes the descriptor that reads the directory, as other clients count it.
    static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }

    /// The kernel keeps the start in ticks since the machine's; both clocks are read now to turn it into a date.
    static func startSeconds() -> Double? {
        var boot = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &boot) == 0 else { return nil }
        // The command's name may hold spaces and parentheses: fields are counted from the last one, which ends field 2.
        guard let ticks = field(19, of: "/proc/self/stat", after: ")").flatMap({ Double($0) }) else { return nil }
        let age = Double(boot.tv_sec) + Double(boot.tv_nsec) / 1e9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        return Double(Timestamp.now()) / 1000 - age
    }

    private static func field(_ index: Int, of path: String, after mark: Character? = nil) -> Substring? {
        guard let bytes = try? SettingsFile.read(path, bytesMax: 4096) else { return nil }
        var text = Substring(String(decoding: bytes, as: UTF8.self))
        if let mark, let last = text.lastIndex(of: mark) { text = text[text.index(after: last)...] }
        let fields = text.split(whereSeparator: \.isWhitespace)
        return index < fields.count ? fields[index] : nil
    }
}
