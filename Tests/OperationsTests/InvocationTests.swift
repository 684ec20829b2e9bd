import Testing

@testable import Operations

@Suite
struct InvocationTests {
    static let good: [(words: [String], invocation: Invocation)] = [
        ([], .help(nil)),
        (["--help"], .help(nil)),
        (["help"], .help(nil)),
        (["help", "topics", "apply"], .help(.topicsApply)),
        (["receive", "--kafka", "a:1", "--help"], .help(.receive)),
        (["--version"], .version),
        (["receive"], .run(.receive, subject: .receive, arguments: [])),
        (
            ["simulate", "deliver", "--count", "1"],
            .run(.simulateDeliver, subject: .simulateDeliver, arguments: ["--count", "1"])
        ),
        (
            ["subscription", "activate", "0123456789ab"],
            .run(.subscriptionActivate, subject: .subscriptionActivate, arguments: ["0123456789ab"])
        ),
        (["config", "print"], .run(.configPrint, subject: .receive, arguments: [])),
        (["config", "print", "--kafka", "a:1"], .run(.configPrint, subject: .receive, arguments: ["--kafka", "a:1"])),
        (
            ["config", "validate", "topics", "plan", "--kafka", "a:1"],
            .run(.configValidate, subject: .topicsPlan, arguments: ["--kafka", "a:1"])
        ),
    ]

    @Test(arguments: good)
    func `a command line names a command and its settings`(words: [String], invocation: Invocation) throws {
        #expect(try Invocation.parse(words) == invocation)
    }

    static let bad: [(words: [String], problem: String)] = [
        (["recieve"], "there is no command \"recieve\"; did you mean receive?"),
        (["topics", "aply"], "topics needs one of: topics plan, topics apply"),
        (["simulate"], "simulate needs one of: simulate deliver, simulate check"),
        (["xyzzyxyzzy"], "there is no command \"xyzzyxyzzy\"; see notion-relay --help"),
        (["--kafka", "a:1", "receive"], "the command comes first, then its flags; see notion-relay --help"),
        (["config", "print", "recieve"], "there is no command \"recieve\"; did you mean receive?"),
    ]

    @Test(arguments: bad)
    func `an unknown command is refused with a hint`(words: [String], problem: String) {
        #expect(throws: UsageError(problem)) { try Invocation.parse(words) }
    }
}
