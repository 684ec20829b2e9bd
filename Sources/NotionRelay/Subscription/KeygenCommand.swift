import Operations
import Subscriptions

/// `subscription keygen`: a new sealing key, alone on stdout, so that it can be redirected into a file.
struct KeygenCommand {
    func run() -> ExitStatus {
        let key = SealingKey.generate()
        StandardStreams.data(key.revealed())
        StandardStreams.notice(
            "notion-relay: sealing key \(key.id): give it to all replicas and to operators as "
                + "NOTION_RELAY_SEALING_KEY, or in the file that NOTION_RELAY_SEALING_KEY_FILE names"
        )
        StandardStreams.notice("notion-relay: anyone who has it can read all tokens; it is stored nowhere else")
        return .success
    }
}
