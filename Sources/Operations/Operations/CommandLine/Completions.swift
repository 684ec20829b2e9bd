package enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

/// Scripts from the tables, of one shape: a line for each setting calls a function with the commands that take it,
/// which keeps it if the command line has one of them. `config print COMMAND` has the settings of two.
package enum Completions {
    package static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: BashScript.text
        case .zsh: ZshScript.text
        case .fish: FishScript.text
        }
    }

    fileprivate struct Flag {
        enum Value {
            case none, file, text
            case words([String])
        }

        let name: String
        let commands: [Command]
        let value: Value
        let setting: SettingRow
    }

    fileprivate static let flags: [Flag] = SettingsTable.all.flatMap { setting in
        let own = Flag(name: setting.flag, commands: setting.commands, value: value(of: setting), setting: setting)
        guard let alias = setting.alias else { return [own] }
        return [own, Flag(name: alias.flag, commands: [alias.command], value: own.value, setting: setting)]
    }

    private static func value(of setting: SettingRow) -> Flag.Value {
        if setting.flagNamesFile { return .file }
        return switch setting.type {
        case .boolean: .none
        case .file: .file
        case .choice(let choices): .words(choices)
        case .position: .words(["beginning", "end"])
        case .recordFormat: .words(["table", "json"])
        default: .text
        }
    }

    /// What may stand behind these words: the next word of a command, with what it does.
    fileprivate static func next(after first: String?) -> [(word: String, sentence: String)] {
        var found: [(word: String, sentence: String)] = []
        for command in Command.allCases {
            let words = command.rawValue.split(separator: " ").map(String.init)
            guard let first else {
                if found.contains(where: { $0.word == words[0] }) { continue }
                let members = Command.allCases.filter { $0.rawValue.hasPrefix(words[0] + " ") }.map(\.rawValue)
                let isGroup = words.count > 1
                found.append((words[0], isGroup ? members.joined(separator: ", ") : command.sentence))
                continue
            }
            if words.count == 2, words[0] == first { found.append((words[1], command.sentence)) }
        }
        return found
    }

    /// The first words of commands of two words.
    fileprivate static let groups = next(after: nil).map(\.word).filter { !next(after: $0).isEmpty }

    /// `'tail' 'topics plan'`.
    fileprivate static func quoted(_ commands: [Command]) -> String {
        commands.map { "'\($0.rawValue)'" }.joined(separator: " ")
    }

    /// Commands of one word, or of two, quoted, with this between them.
    fileprivate static func commands(ofWords count: Int, separator: String) -> String {
        Command.allCases.map(\.rawValue).filter { $0.split(separator: " ").count == count }.map { "'\($0)'" }
            .joined(separator: separator)
    }

    fileprivate static let shells = Shell.allCases.map(\.rawValue).joined(separator: " ")
}

private enum BashScript {
    static var text: String {
        let settings = Completions.flags.map { flag in
            "    _notion_relay_setting \(flag.name) '\(kind(flag.value))' \(Completions.quoted(flag.commands))"
        }
        let second = Completions.groups.map { group in
            "        \(group)) echo '\(Completions.next(after: group).map(\.word).joined(separator: " "))' ;;"
        }
        return """
            # Completion of notion-relay for bash, as `notion-relay completions bash` prints it.

            # Sets command and count to the command that the first words name, and to how many words that takes.
            _notion_relay_named() {
                command='' count=0
                case "${1-} ${2-}" in
                    \(Completions.commands(ofWords: 2, separator: "|"))) command="$1 $2" count=2; return ;;
                esac
                case "${1-}" in
                    \(Completions.commands(ofWords: 1, separator: "|"))) command=$1 count=1 ;;
                esac
            }

            _notion_relay_second() {
                case "$1" in
            \(second.joined(separator: "\n"))
                esac
            }

            # FLAG KIND COMMAND...: keeps the flag if the command line is about one of these commands.
            _notion_relay_setting() {
                local name
                for name in "${@:3}"; do
                    if [[ $asked == *"|$name|"* ]]; then
                        flags+=" $1"
                        if [[ $1 == "$flag" && -z $kind ]]; then kind=$2; fi
                        return
                    fi
                done
            }

            _notion_relay_settings() {
            \(settings.joined(separator: "\n"))
            }

            \(function)

            complete -F _notion_relay notion-relay
            """
    }

    private static let function = #"""
        _notion_relay() {
            local current=${COMP_WORDS[COMP_CWORD]} command count asked flag='' kind='' flags='' words=''
            local -a before=("${COMP_WORDS[@]:1:COMP_CWORD-1}") rest
            COMPREPLY=()
            # readline makes a word of the equals sign in --flag=value.
            if [[ $current == '=' ]]; then
                flag=${COMP_WORDS[COMP_CWORD-1]} current=''
            elif [[ ${COMP_WORDS[COMP_CWORD-1]} == '=' ]]; then
                flag=${COMP_WORDS[COMP_CWORD-2]}
            elif [[ ${COMP_WORDS[COMP_CWORD-1]} == --* ]]; then
                flag=${COMP_WORDS[COMP_CWORD-1]}
            fi
            _notion_relay_named "${before[@]}"
            asked="|$command|"
            rest=("${before[@]:count}")
            if [[ $command == 'config '* ]]; then
                _notion_relay_named "${rest[@]}"
                asked+="${command:-receive}|"
                if [[ ${#rest[@]} -eq 0 ]]; then words='FIRST'; fi
                if [[ ${#rest[@]} -eq 1 ]]; then words=$(_notion_relay_second "${rest[0]}"); fi
            elif [[ ${#before[@]} -eq 0 ]]; then
                words='FIRST --help --version'
            elif [[ ${#before[@]} -eq 1 ]]; then
                words=$(_notion_relay_second "${before[0]}")
            fi
            if [[ $command == completions && ${#rest[@]} -eq 0 ]]; then words='SHELLS'; fi
            if [[ -n $asked ]]; then _notion_relay_settings; fi
            if [[ -z $kind && $command == inspect && ${#rest[@]} -eq 0 && $current != -* ]]; then kind='@file'; fi
            case $kind in
                @file)
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "$current")
                    return ;;
                @text) return ;;
                @none | '') ;;
                *) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$current"); return ;;
            esac
            if [[ -n $flags && ( -z $words || $current == -* ) ]]; then words="$flags --help --help-all"; fi
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        }
        """#
        .replacing("FIRST", with: Completions.next(after: nil).map(\.word).joined(separator: " "))
        .replacing("SHELLS", with: Completions.shells)

    private static func kind(_ value: Completions.Flag.Value) -> String {
        switch value {
        case .none: "@none"
        case .file: "@file"
        case .text: "@text"
        case .words(let words): words.joined(separator: " ")
        }
    }
}

private enum ZshScript {
    static var text: String {
        let settings = Completions.flags.map { flag in
            "    _notion_relay_setting \(quoted(spec(flag))) \(Completions.quoted(flag.commands))"
        }
        let second = Completions.groups.map { "        \($0)) next=(\(words(after: $0))) ;;" }
        return """
            #compdef notion-relay
            # Completion of notion-relay for zsh, as `notion-relay completions zsh` prints it.

            # Sets command and count to the command that the first words name, and to how many words that takes.
            _notion_relay_named() {
                command='' count=0
                case "$1 $2" in
                    \(Completions.commands(ofWords: 2, separator: "|"))) command="$1 $2" count=2; return ;;
                esac
                case "$1" in
                    \(Completions.commands(ofWords: 1, separator: "|"))) command=$1 count=1 ;;
                esac
            }

            # Offers the next word of a command behind the words that there are; fails where there is none.
            _notion_relay_next() {
                local -a next
                case "$1" in
                    '') next=(\(words(after: nil))) ;;
            \(second.joined(separator: "\n"))
                esac
                (( $#next )) && _describe -t commands command next
            }

            # SPEC COMMAND...: keeps the flag if the command line is about one of these commands.
            _notion_relay_setting() {
                local name
                for name in "${@:2}"; do
                    if (( ${asked[(Ie)$name]} )); then specs+=("$1"); return; fi
                done
            }

            _notion_relay_settings() {
            \(settings.joined(separator: "\n"))
            }

            \(function)
            """
    }

    private static let function = #"""
        _notion_relay() {
            local command
            integer count all
            local -a asked specs before rest
            before=("${(@)words[2,CURRENT-1]}")
            _notion_relay_named "${(@)before}"
            all=$count
            asked=("$command")
            rest=("${(@)before[count+1,-1]}")
            if [[ $command == 'config '* ]]; then
                if (( $#rest == 0 )); then _notion_relay_next ''; fi
                if (( $#rest == 1 )); then _notion_relay_next "$rest[1]"; fi
                _notion_relay_named "${(@)rest}"
                (( all += count ))
                asked+=("${command:-receive}")
            elif (( $#before < 2 )); then
                _notion_relay_next "$before[1]"
            fi
            if [[ -z $command && $#asked -eq 1 ]]; then return; fi
            if [[ $command == completions ]]; then specs+=('1:shell:(SHELLS)'); fi
            if [[ $command == inspect ]]; then specs+=('1:FILE:_files'); fi
            _notion_relay_settings
            words=(notion-relay "${(@)words[all+2,-1]}")
            (( CURRENT -= all ))
            _arguments "${(@)specs}" '--help[Show the common settings.]' '--help-all[Show all settings.]'
        }

        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
            _notion_relay "$@"
        else
            compdef _notion_relay notion-relay
        fi
        """#
        .replacing("SHELLS", with: Completions.shells)

    private static func words(after group: String?) -> String {
        Completions.next(after: group).map { quoted("\($0.word):\($0.sentence)") }.joined(separator: " ")
    }

    private static func spec(_ flag: Completions.Flag) -> String {
        let sentence = flag.setting.sentence.replacing("\\", with: "\\\\").replacing("[", with: "\\[")
            .replacing("]", with: "\\]")
        let message = flag.setting.placeholder.replacing(":", with: "\\:")
        let name = flag.setting.type.isRepeatable ? "*\(flag.name)" : flag.name
        return switch flag.value {
        case .none: "\(name)[\(sentence)]"
        case .file: "\(name)=[\(sentence)]:\(message):_files"
        case .text: "\(name)=[\(sentence)]:\(message): "
        case .words(let words): "\(name)=[\(sentence)]:value:(\(words.joined(separator: " ")))"
        }
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
}

private enum FishScript {
    static var text: String {
        (["# Completion of notion-relay for fish, as `notion-relay completions fish` prints it.", "", functions, ""]
            + commands + settings).joined(separator: "\n")
    }

    private static var functions: String {
        """
        # The command that the first one or two words name.
        function __notion_relay_named
            if contains -- "$argv[1] $argv[2]" \(Completions.commands(ofWords: 2, separator: " "))
                echo "$argv[1] $argv[2]"
            else if contains -- "$argv[1]" \(Completions.commands(ofWords: 1, separator: " "))
                echo $argv[1]
            end
        end

        # COMMAND...: whether the command line is about one of these commands.
        function __notion_relay_has
            set -l words (commandline -opc)
            set -e words[1]
            set -l asked (__notion_relay_named $words)
            test -n "$asked"; or return 1
            if string match -q 'config *' -- $asked
                set -e words[1..2]
                set -l subject (__notion_relay_named $words)
                test -n "$subject"; or set subject receive
                set -a asked $subject
            end
            for name in $asked
                contains -- $name $argv; and return 0
            end
            return 1
        end

        # WORD...: whether these are all the words so far.
        function __notion_relay_after
            set -l words (commandline -opc)
            set -e words[1]
            test "$words" = "$argv"
        end

        complete -c notion-relay -f
        complete -c notion-relay -l help -d 'Show the common settings.'
        complete -c notion-relay -l help-all -d 'Show all settings.'
        complete -c notion-relay -n '__notion_relay_after completions' -a '\(Completions.shells)'
        complete -c notion-relay -n '__notion_relay_after inspect' -F
        """
    }

    private static var commands: [String] {
        let subjects = ["", "config print", "config validate"]
        return subjects.flatMap { before in
            ([nil] + Completions.groups.map(Optional.some)).flatMap { group in
                let words = [before, group ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
                return Completions.next(after: group).map { word, sentence in
                    "complete -c notion-relay -n '__notion_relay_after \(words)' -a \(word) -d \(quoted(sentence))"
                }
            }
        }
    }

    private static var settings: [String] {
        Completions.flags.map { flag in
            let condition = "__notion_relay_has " + flag.commands.map { "\"\($0.rawValue)\"" }.joined(separator: " ")
            let value =
                switch flag.value {
                case .none: ""
                case .file: " -r -F"
                case .text: " -x"
                case .words(let words): " -x -a '\(words.joined(separator: " "))'"
                }
            return "complete -c notion-relay -n '\(condition)' -l \(flag.name.dropFirst(2))\(value)"
                + " -d \(quoted(flag.setting.sentence))"
        }
    }

    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }
}
