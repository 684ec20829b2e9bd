import TestSupport
import Testing

@testable import Operations

/// What each shell makes of its script: the shell itself is asked.
@Suite
struct CompletionTests {
    /// A folder that has the script of a shell.
    private static func write(_ shell: Shell) throws -> (folder: TemporaryDirectory, script: String) {
        let folder = try TemporaryDirectory("completions")
        let name = "notion-relay.\(shell.rawValue)"
        try folder.write(Completions.script(for: shell) + "\n", to: name)
        return (folder, folder.file(name))
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> FinishedProcess {
        try await FinishedProcess.run(program, arguments, within: .seconds(60))
    }

    /// Command lines up to the word that is asked about, and some of what has to be offered. Each shell is given them.
    private static let questions: [(line: String, offered: [String])] = [
        ("rec", ["receive"]),
        ("to", ["topics"]),
        ("topics ", ["plan", "apply"]),
        ("tail --exit", ["--exit-at-end"]),
        ("tail --format js", ["json"]),
        ("replay --from-to", ["--from-topic"]),
        ("config print forw", ["forward"]),
        ("config print forward --assign", ["--assignor"]),
        ("config print --listen", ["--listen"]),
        ("completions z", ["zsh"]),
    ]

    private static func check(_ offered: [String], _ question: (line: String, offered: [String])) {
        #expect(Set(question.offered).isSubset(of: offered), "\(question.line): \(offered)")
        let word = question.line.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
        #expect(offered.allSatisfy { $0.hasPrefix(word) }, "\(question.line): \(offered)")
    }

    /// Loads the script in its first argument and prints what is offered for the words behind it.
    private static let bashDriver = #"""
        source "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _notion_relay
        printf '%s\n' "${COMPREPLY[@]}"
        """#

    private static func askBash(_ script: String, _ words: [String]) async throws -> [String] {
        let answer = try await run("bash", ["--norc", "-c", bashDriver, "bash", script, "notion-relay"] + words)
        #expect(answer.errors.isEmpty, "\(answer.text)")
        return answer.output
    }

    @Test(.needsProgram("bash"))
    func `bash reads its script, and completes`() async throws {
        let (folder, script) = try Self.write(.bash)
        defer { folder.remove() }
        let check = try await Self.run("bash", ["-n", script])
        #expect(check.status == .exited(0) && check.errors.isEmpty, "\(check.text)")
        for question in Self.questions {
            let words = question.line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            Self.check(try await Self.askBash(script, words), question)
        }
    }

    /// readline makes three words of `--format=js`.
    @Test(.needsProgram("bash"))
    func `bash completes behind an equals sign, and file names`() async throws {
        let (folder, script) = try Self.write(.bash)
        defer { folder.remove() }
        #expect(try await Self.askBash(script, ["tail", "--format", "=", "js"]) == ["json"])
        #expect(try await Self.askBash(script, ["receive", "--config", String(script.dropLast(3))]) == [script])
    }

    @Test(.needsProgram("fish"))
    func `fish reads its script, and completes`() async throws {
        let (folder, script) = try Self.write(.fish)
        defer { folder.remove() }
        let check = try await Self.run("fish", ["--no-config", "-n", script])
        #expect(check.status == .exited(0) && check.errors.isEmpty, "\(check.text)")
        for question in Self.questions {
            let ask = "source \(script); complete -C 'notion-relay \(question.line)'"
            let answer = try await Self.run("fish", ["--no-config", "-c", ask])
            #expect(answer.errors.isEmpty)
            // A word, a tab, its description.
            Self.check(answer.output.map { String($0.prefix { $0 != "\t" }) }, question)
        }
    }

    /// zsh completes only for somebody who types: a second one runs on a pseudo-terminal, gets the line with a tab, and
    /// a key that writes what the line has become into a file. It types once the line editor reads: before that the
    /// terminal would edit the line itself.
    @Test(.needsProgram("zsh"))
    func `zsh reads its script, and completes`() async throws {
        let (folder, script) = try Self.write(.zsh)
        defer { folder.remove() }
        let check = try await Self.run("zsh", ["-f", "-n", script])
        #expect(check.status == .exited(0) && check.errors.isEmpty, "\(check.text)")
        try folder.write(Self.zshDriver, to: "driver")
        let expected = [
            ("rec", "receive "), ("topics ap", "topics apply "), ("tail --exit", "tail --exit-at-end "),
            ("tail --format js", "tail --format json "), ("replay --from-to", "replay --from-topic="),
            ("config print forw", "config print forward "), ("completions z", "completions zsh "),
            ("config print forward --assign", "config print forward --assignor="),
        ]
        for (line, completed) in expected {
            let arguments = ["-f", folder.file("driver"), script, "notion-relay \(line)", folder.path]
            let answer = try await Self.run("zsh", arguments)
            #expect(answer.output == ["notion-relay \(completed)"], "\(answer.text)")
        }
    }

    private static let zshDriver = #"""
        zmodload zsh/zpty
        script=$1 line=$2 folder=$3
        rm -f $folder/line $folder/ready
        zpty shell "zsh -f -i"
        zpty -w shell "PS1= PS2= fpath=($fpath); autoload -Uz compinit && compinit -u -D; source $script"
        zpty -w shell "write-line() { print -r -- \"\$BUFFER\" > $folder/part; mv $folder/part $folder/line }"
        zpty -w shell "zle -N write-line; bindkey '^Xe' write-line"
        zpty -w shell "zle-line-init() { : > $folder/ready }; zle -N zle-line-init"
        wait-for() {
            integer tries=0
            local text
            until [[ -e $1 ]]; do
                (( tries++ > 600 )) && exit 1
                zpty -r -t shell text
                sleep 0.05
            done
        }
        wait-for $folder/ready
        zpty -w -n shell "$line"$'\t'$'\C-xe'
        wait-for $folder/line
        cat $folder/line
        zpty -d shell
        """#
}
