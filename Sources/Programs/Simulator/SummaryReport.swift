/// Named figures in a fixed order. Names and texts are the simulator's own, plain ASCII without quotes.
struct SummaryReport {
    private var rows: [(name: String, table: String, json: String)] = []

    mutating func add(_ name: String, _ value: Int) { rows.append((name, "\(value)", "\(value)")) }

    mutating func add(_ name: String, _ value: Bool) { rows.append((name, value ? "yes" : "no", "\(value)")) }

    mutating func add(_ name: String, _ value: Double) {
        let thousandths = Int((value * 1_000).rounded())
        let decimals = String(thousandths % 1_000)
        let text = "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - decimals.utf8.count) + decimals
        rows.append((name, text, text))
    }

    mutating func add(_ name: String, _ values: [String]) {
        let json = "[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        rows.append((name, values.joined(separator: "\n" + String(repeating: " ", count: 26)), json))
    }

    mutating func add(_ name: String, _ values: [String: Int]) {
        let sorted = values.sorted { $0.key < $1.key }
        let table = sorted.map { "\($0.key) x \($0.value)" }.joined(separator: ", ")
        let json = "{" + sorted.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
        rows.append((name, table.isEmpty ? "none" : table, json))
    }

    var table: String {
        rows.map { row in
            let name = row.name.replacing("_", with: " ")
            return name + String(repeating: " ", count: max(1, 26 - name.utf8.count)) + row.table
        }.joined(separator: "\n")
    }

    var json: String { "{" + rows.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}" }
}
