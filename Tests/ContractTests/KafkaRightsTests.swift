import Foundation
import Testing

@testable import Operations

struct KafkaRightsTests {
    private static let (begin, end) = ("<!-- rights: written from KafkaRights -->\n", "<!-- end of rights -->")

    private static let head = """
        | command | on | rights | when |
        |---|---|---|---|

        """

    private static var table: String {
        head
            + KafkaRights.rows.flatMap { row in
                row.rights.map { right in
                    let commands = row.commands.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                    let rights = right.operations.joined(separator: ", ")
                    return "| \(commands) | \(right.resource.rawValue) | \(rights) | \(right.condition) |\n"
                }
            }.joined()
    }

    @Test
    func `the page lists the least rights of each command`() throws {
        let page = Golden(path: "docs/kafka-access.md")
        let text = String(decoding: try Data(contentsOf: page.file), as: UTF8.self)
        let begin = try #require(text.range(of: Self.begin)).upperBound
        let end = try #require(text.range(of: Self.end)).lowerBound
        try page.expect(text.replacingCharacters(in: begin..<end, with: Self.table))
    }

    @Test(arguments: Command.allCases)
    func `a command that talks to Kafka has a row, and no other has`(command: Command) {
        let takesOptions = SettingsTable.settings(of: command).contains { $0.type == .options }
        #expect(KafkaRights.of(command).isEmpty == !takesOptions, "\(command.rawValue)")
    }
}
