import Operations
import RecordOutput
import Replayer

extension RecordFilter {
    /// The filter of a command's settings.
    init(_ settings: ResolvedSettings, _ keys: RecordFilterKeys) throws(UsageError) {
        do {
            try self.init(
                entity: settings.string(ifSet: keys.entity),
                type: settings.string(ifSet: keys.type),
                workspace: settings.string(ifSet: keys.workspace),
                id: settings.string(ifSet: keys.id),
                occurredFrom: settings.time(ifSet: keys.occurredFrom),
                occurredTo: settings.time(ifSet: keys.occurredTo)
            )
        } catch {
            throw UsageError(error.description)
        }
    }
}
