import Foundation
import Operations
import Testing

@Suite
struct HelpTests {
    @Test
    func `help is what people read before`() throws {
        var text = Help.text(command: nil)
        for command in Command.allCases {
            for all in [false, true] {
                let option = all ? "--help-all" : "--help"
                let line = "== notion-relay \(command.rawValue) \(option) "
                text += "\n\n" + line + String(repeating: "=", count: 80 - line.count) + "\n\n"
                text += Help.text(command: command, all: all)
            }
        }
        try Golden("help.txt").expect(text + "\n")
    }

    @Test(arguments: Command.allCases)
    func `no line of help is longer than a terminal is wide`(command: Command) {
        for line in Help.text(command: command, all: true).split(separator: "\n") { #expect(line.count <= 110) }
    }
}
