package import NotionEvents

/// A table of pages in a SQLite file, kept in step with events, each of which takes effect once however often it comes.
///
/// A consumer group hands each event out at least once: after a crash, what was not committed yet comes again. So one
/// transaction does two things, remembers the event's id and applies the event; if the id is there already, nothing is
/// left to do. Several processes may share the file.
package actor PageStore {
    private let database: Database
    private let remember: Database.Statement
    private let count: Database.Statement
    private let renew: Database.Statement
    private let find: Database.Statement
    private let seen: Database.Statement

    /// Opens the file, and makes it if it is not there.
    package init(_ path: String) throws(DatabaseError) {
        database = try Database(path)
        try database.execute(Self.modes)
        try database.execute(Self.tables)
        remember = try database.prepare("INSERT OR IGNORE INTO seen (id) VALUES (?1)")
        count = try database.prepare(
            """
            INSERT INTO pages (id, last_type, is_deleted, events) VALUES (?1, ?2, 0, 1)
            ON CONFLICT (id) DO UPDATE SET events = events + 1
            """
        )
        renew = try database.prepare(
            """
            UPDATE pages SET last_type = ?2, last_occurred_at = ?3, parent_type = COALESCE(?4, parent_type),
                parent_id = COALESCE(?5, parent_id), is_deleted = COALESCE(?6, is_deleted)
            WHERE id = ?1 AND (last_occurred_at IS NULL OR ?3 >= last_occurred_at)
            """
        )
        find = try database.prepare(
            """
            SELECT id, parent_type, parent_id, last_type, last_occurred_at, is_deleted, events FROM pages
            WHERE id = ?1 OR ?1 IS NULL ORDER BY id
            """
        )
        seen = try database.prepare("SELECT COUNT(*) FROM seen")
    }

    // The offset is committed to Kafka soon after, and must not outlive, after a power cut, what it stands for.
    private static let modes = "PRAGMA synchronous = FULL"

    // `seen` grows by one row an event. An id that is older than what the topic keeps cannot come again, so a service
    // that lives for long also notes the time here and deletes what is older.
    private static let tables = """
        CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS pages (
            id TEXT PRIMARY KEY, parent_type TEXT, parent_id TEXT, last_type TEXT NOT NULL, last_occurred_at TEXT,
            is_deleted INTEGER NOT NULL, events INTEGER NOT NULL
        ) WITHOUT ROWID
        """

    /// Applies an event to its page's row. False if it was applied before.
    ///
    /// Notion does not promise to deliver in order: an event that is older than what the row knows counts, and changes
    /// nothing else. Notion writes all times in one form, so they can be compared as text.
    @discardableResult
    package func apply(_ event: Event, id: String) throws(DatabaseError) -> Bool {
        let page = event.entity.id
        return try database.transaction { () throws(DatabaseError) in
            try remember.run([id])
            guard database.changes == 1 else { return false }
            try count.run([page, event.type])
            try renew.run([
                page, event.type, event.occurredAt, event.parent?.type, event.parent?.id,
                Self.isDeleted(after: event.type).map { $0 ? "1" : "0" },
            ])
            return true
        }
    }

    /// `nil`: the event says nothing of it.
    private static func isDeleted(after type: String) -> Bool? {
        switch type {
        case "page.deleted": true
        case "page.created", "page.undeleted": false
        default: nil
        }
    }

    /// What is known of a page; `nil` if no event told of it.
    package func page(_ id: String) throws(DatabaseError) -> PageRow? {
        try find.run([id]).first.flatMap(Self.row)
    }

    /// All pages, by id.
    package func pages() throws(DatabaseError) -> [PageRow] {
        try find.run([nil]).compactMap(Self.row)
    }

    /// How many different events were applied.
    package func eventCount() throws(DatabaseError) -> Int {
        try seen.run().first?.first?.flatMap { Int($0) } ?? 0
    }

    private static func row(_ columns: [String?]) -> PageRow? {
        guard columns.count == 7, let id = columns[0], let lastType = columns[3] else { return nil }
        return PageRow(
            id: id,
            parentType: columns[1],
            parentID: columns[2],
            lastType: lastType,
            lastOccurredAt: columns[4],
            isDeleted: columns[5] == "1",
            events: columns[6].flatMap { Int($0) } ?? 0
        )
    }
}
