/// What a field of a log line may be. `Secret` is not one, so a secret cannot be logged by writing its name.
package protocol LogValue: Sendable {
    /// Nil leaves the field out.
    var logged: LoggedValue? { get }
}

/// A field's value on its way into a line.
package enum LoggedValue: Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
}

extension String: LogValue {
    package var logged: LoggedValue? { .text(self) }
}

extension Int: LogValue {
    package var logged: LoggedValue? { .integer(Int64(self)) }
}

extension Int32: LogValue {
    package var logged: LoggedValue? { .integer(Int64(self)) }
}

extension Int64: LogValue {
    package var logged: LoggedValue? { .integer(self) }
}

extension Double: LogValue {
    package var logged: LoggedValue? { .number(self) }
}

extension Bool: LogValue {
    package var logged: LoggedValue? { .boolean(self) }
}

extension Optional: LogValue where Wrapped: LogValue {
    package var logged: LoggedValue? { flatMap(\.logged) }
}

/// Whole milliseconds with their unit, as settings write them.
extension Duration: LogValue {
    package var logged: LoggedValue? { .text(SettingValue.duration(self).description) }
}
