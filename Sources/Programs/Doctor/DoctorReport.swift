import OrderedConsumer
import TextOutput

/// All findings of a run, and how they are shown.
package struct DoctorReport: Sendable, Equatable, Encodable {
    /// By area, in the order in which they were found.
    package let findings: [Finding]
    package let errors: Int
    package let warnings: Int

    package init(_ findings: [Finding]) {
        self.findings = Finding.Area.allCases.flatMap { area in findings.filter { $0.area == area } }
        errors = findings.count { $0.level == .error }
        warnings = findings.count { $0.level == .warning }
    }

    /// One object with sorted keys.
    package var json: String { SortedJSON.text(self) }

    /// A line for each finding, under its area; below what is not in order, what it means and what to do.
    ///
    /// `clean` takes from a text what a terminal would obey, `paint` may colour a mark.
    package func lines(
        clean: (String) -> String = { $0 },
        paint: (String, Finding.Level) -> String = { text, _ in text }
    ) -> [String] {
        var lines: [String] = []
        var area: Finding.Area?
        for finding in findings {
            if finding.area != area { lines.append(finding.area.rawValue) }
            area = finding.area
            let mark = paint(Self.mark(of: finding.level), finding.level)
            let subject = finding.subject.isEmpty ? "" : "\(finding.subject): "
            lines.append("  \(mark)  \(clean(subject + finding.title))")
            guard finding.level != .ok else { continue }
            if !finding.meaning.isEmpty { lines.append("      means  \(clean(finding.meaning))") }
            if !finding.advice.isEmpty { lines.append("      do     \(clean(finding.advice))") }
            if let link = finding.link { lines.append("      see    \(link.rawValue)") }
        }
        lines.append(summary)
        return lines
    }

    private var summary: String {
        let unknown = findings.count { $0.level == .unknown }
        return "\(Words.count(errors, "error")), \(Words.count(warnings, "warning")), \(unknown) unknown, "
            + Words.count(findings.count, "finding")
    }

    private static func mark(of level: Finding.Level) -> String {
        switch level {
        case .ok: "+ ok     "
        case .warning: "! warning"
        case .error: "x error  "
        case .unknown: "? unknown"
        }
    }
}
