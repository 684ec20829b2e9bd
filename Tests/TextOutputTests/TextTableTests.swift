import TestSupport
import Testing
import TextOutput

@Suite
struct TextTableTests {
    @Test
    func `columns are as wide as their widest text, numbers stand right, and no line ends with blanks`() {
        var table = TextTable(["NAME", "COUNT", "NOTE"], rightAligned: [1])
        table.append(["a", "7", ""])
        table.append(["longer", "1234567", "x"])
        #expect(table.lines == ["NAME      COUNT  NOTE", "a             7", "longer  1234567  x"])
    }

    @Test
    func `a table without rows has its titles`() {
        #expect(TextTable(["A", "B"]).lines == ["A  B"])
    }

    @Test
    func `a row is one line, whatever is in it`() {
        var table = TextTable(["A", "B"])
        table.append(["x\ny", "\u{1B}[2J\u{202E}\u{2028}"])
        #expect(table.lines == ["A    B", "x·y  ·[2J··"])
    }

    @Test
    func `whatever comes, there is a line for each row and all columns begin where their titles do`() {
        var random = SeededGenerator()
        let letters: [Character] = ["a", "b", " ", "\n", "\u{9B}", "\u{200B}"]
        for _ in 0..<500 {
            var table = TextTable(["AA", "BB", "CC"])
            let rows = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (0..<3).map { _ in
                    String(
                        (0..<Int.random(in: 0...8, using: &random)).map { _ in
                            letters.randomElement(using: &random) ?? "a"
                        }
                    )
                }
            }
            for row in rows { table.append(row) }
            let lines = table.lines
            #expect(lines.count == rows.count + 1, "\(random)")
            let starts =
                [0]
                + ["BB", "CC"].compactMap { title in
                    lines[0].firstRange(of: title).map {
                        lines[0].distance(from: lines[0].startIndex, to: $0.lowerBound)
                    }
                }
            for (row, line) in zip(rows, lines.dropFirst()) {
                #expect(!line.unicodeScalars.contains(where: PlainText.isHarmful), "\(random)")
                for (text, start) in zip(row.map(PlainText.word), starts) {
                    let rest = line.dropFirst(start)
                    #expect(rest.hasPrefix(text) || text.hasPrefix(rest) || text.allSatisfy { $0 == " " }, "\(random)")
                }
            }
        }
    }
}
