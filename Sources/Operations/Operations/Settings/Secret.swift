/// A text that no log line, error, dump or console shows: only `revealed()` gives it away.
///
/// It has no conversion to a log value or a metric label, so printing one by accident shows the placeholder.
package struct Secret: Sendable, Equatable {
    package static let placeholder = "<redacted>"

    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The secret itself, for the code that verifies or signs with it.
    package func revealed() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
