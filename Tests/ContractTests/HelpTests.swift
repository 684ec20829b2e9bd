import Foundation
import Operations
import Testing

@Suite
struct HelpTests {
    @Test
    func `help is what people read before`() throws {
        var text = Help.text(command: nil)
        for command in Command.allCases {
            text += "\n\n" + String(repeating: "=", count: 80) + "\n\n" + Help.text(command: command)
        }
        try Golden("help.txt").expect(text + "\n")
    }

    @Test(arguments: Command.allCases)
    func `no line of help is longer than a terminal is wide`(command: Command) {
        for line in Help.text(command: command).split(separator: "\n") { #expect(line.count <= 110) }
    }
}
