import TestSupport
import Testing
import TextOutput

@Suite
struct StatusTextTests {
    @Test
    func `lines are drawn, taken away for others, and drawn again`() {
        var status = StatusText()
        #expect(text(status.show(["a", "b"], columns: 80)) == "a\nb")
        let (before, after) = status.interrupt(with: Array("data\n".utf8), columns: 80)
        #expect(text(before) == "\r\u{1B}[1A\u{1B}[J" && text(after) == "a\nb")
        #expect(text(status.show(["c"], columns: 80)) == "\r\u{1B}[1A\u{1B}[Jc")
        #expect(text(status.show([], columns: 80)) == "\r\u{1B}[J")
        #expect(status.show([], columns: 80).isEmpty)
        #expect(status.interrupt(with: Array("data\n".utf8), columns: 80) == ([], []))
    }

    @Test
    func `behind a line that is not ended nothing is drawn`() {
        var status = StatusText()
        #expect(text(status.show(["a"], columns: 80)) == "a")
        let (before, after) = status.interrupt(with: Array("half".utf8), columns: 80)
        #expect(text(before) == "\r\u{1B}[J" && after.isEmpty)
        #expect(status.show(["b"], columns: 80).isEmpty)
        #expect(text(status.interrupt(with: Array(" done\n".utf8), columns: 80).after) == "b")
    }

    @Test
    func `lines are cut to the width, and no more than four are shown`() {
        var status = StatusText()
        #expect(text(status.show(["123456789", "1\u{1B}2"], columns: 6)) == "1234…\n1·2")
        var many = StatusText()
        #expect(text(many.show((0..<9).map(String.init), columns: 80)) == "0\n1\n2\n3")
    }

    @Test
    func `in a window that became narrower all rows are taken away`() {
        var status = StatusText()
        _ = status.show([String(repeating: "x", count: 70)], columns: 80)
        #expect(text(status.show([], columns: 20)) == "\r\u{1B}[3A\u{1B}[J")
    }

    /// Whatever is shown and written in whatever order: the screen has all that was written, and below it the lines.
    @Test
    func `a terminal shows what was written and the last lines below it`() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            var status = StatusText()
            var screen = Screen()
            var written = ""
            var lines: [String] = []
            for step in 0..<Int.random(in: 1...20, using: &random) {
                if Bool.random(using: &random) {
                    lines = (0..<Int.random(in: 0...3, using: &random)).map { "status \(step) \($0)" }
                    screen.take(status.show(lines, columns: 40))
                } else {
                    let data = "data \(step)" + (Int.random(in: 0...3, using: &random) == 0 ? "" : "\n")
                    let (before, after) = status.interrupt(with: Array(data.utf8), columns: 40)
                    screen.take(before + Array(data.utf8) + after)
                    written += data
                }
            }
            let isOpen = !written.isEmpty && !written.hasSuffix("\n")
            let wanted = written + (isOpen ? "" : lines.joined(separator: "\n"))
            #expect(screen.text == wanted, "\(random)")
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// As much of a terminal as is needed here.
private struct Screen {
    private var rows: [[UInt8]] = [[]]
    private var row = 0
    private var column = 0

    var text: String { rows.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n") }

    mutating func take(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\n"):
                row += 1
                column = 0
                if row == rows.count { rows.append([]) }
            case UInt8(ascii: "\r"): column = 0
            case 0x1B:
                _ = rest.popFirst()
                let number = Int(String(decoding: rest.prefix { $0 < 0x40 }, as: UTF8.self)) ?? 0
                rest = rest.drop { $0 < 0x40 }
                if rest.popFirst() == UInt8(ascii: "A") {
                    row -= number
                } else {
                    rows.removeSubrange((row + 1)...)
                    rows[row].removeSubrange(column...)
                }
            default:
                if column < rows[row].count { rows[row][column] = byte } else { rows[row].append(byte) }
                column += 1
            }
        }
    }
}
