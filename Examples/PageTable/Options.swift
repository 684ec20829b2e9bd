import NotionEvents

/// What the program is told on its command line.
struct Options {
    var kafka = "localhost:9092"
    var group = "page-table"
    var topic = Topics.events
    var database = "pages.sqlite"

    static let usage = "usage: PageTable [--kafka HOST:PORT,...] [--group NAME] [--topic NAME] [--database FILE]"

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw UsageError(description: "\(name) wants a value") }
            switch name {
            case "--kafka": kafka = value
            case "--group": group = value
            case "--topic": topic = value
            case "--database": database = value
            default: throw UsageError(description: "there is no option \(name)")
            }
        }
    }
}

/// What is wrong with the command line.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}
