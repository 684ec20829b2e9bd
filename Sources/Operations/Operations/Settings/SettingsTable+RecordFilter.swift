/// The settings by which one command says which records of a topic are wanted.
package struct RecordFilterKeys: Sendable {
    package let entity: SettingKey
    package let type: SettingKey
    package let workspace: SettingKey
    package let id: SettingKey
    package let occurredFrom: SettingKey
    package let occurredTo: SettingKey

    package static let tail = RecordFilterKeys(
        entity: .tailEntity,
        type: .tailType,
        workspace: .tailWorkspace,
        id: .tailID,
        occurredFrom: .tailOccurredFrom,
        occurredTo: .tailOccurredTo
    )

    package static let replay = RecordFilterKeys(
        entity: .replayEntity,
        type: .replayType,
        workspace: .replayWorkspace,
        id: .replayID,
        occurredFrom: .replayOccurredFrom,
        occurredTo: .replayOccurredTo
    )
}

extension SettingsTable {
    /// The same flags for each command that reads a topic. What is looked for is said anew each time: a filter that lay
    /// in a file would hide records from people who do not think of it.
    static func recordFilter(_ scope: SettingScope, _ keys: RecordFilterKeys) -> [Setting] {
        func row(
            _ key: SettingKey,
            _ flag: String,
            _ type: SettingType,
            _ note: String,
            _ sentence: String
        ) -> Setting {
            Setting(
                key,
                yaml: nil,
                flag: flag,
                scope: scope.rawValue,
                type,
                note: note,
                sentence,
                for: scope.commands
            )
        }
        return [
            row(
                keys.entity,
                "entity",
                .string,
                "all",
                "Only records of these entities: ids in any form, or addresses of pages, by commas."
            ),
            row(keys.type, "type", .string, "all", "Only records of these event types: page.created,comment.*"),
            row(keys.workspace, "workspace", .string, "all", "Only records of these workspaces, by commas."),
            row(keys.id, "id", .string, "all", "Only records of the events with these ids, by commas."),
            row(
                keys.occurredFrom,
                "occurred-from",
                .time,
                "no limit",
                "Only records of what happened at this time or later."
            ),
            row(
                keys.occurredTo,
                "occurred-to",
                .time,
                "no limit",
                "Only records of what happened before this time."
            ),
        ]
    }
}
