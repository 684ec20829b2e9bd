import CSQLite

/// One connection to a SQLite file, and the only place that touches SQLite's C.
///
/// Not `Sendable`: its owner makes one call at a time. Other connections, in this process or another, may use the same
/// file; who has to wait for them waits for `busyMilliseconds` at most.
final class Database {
    private let path: String
    private let handle: OpaquePointer

    init(_ path: String, busyMilliseconds: Int32 = 30_000) throws(DatabaseError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard let opened, code == SQLITE_OK else {
            sqlite3_close_v2(opened)
            throw DatabaseError(path: path, message: String(cString: sqlite3_errstr(code)), code: code)
        }
        self.path = path
        handle = opened
        sqlite3_busy_timeout(opened, busyMilliseconds)
        try useWriteAheadLog(busyMilliseconds)
    }

    /// With a write-ahead log readers do not wait for the writer. When two connections turn it on at the same time,
    /// SQLite refuses one of them without waiting, since each would wait for the other.
    private func useWriteAheadLog(_ busyMilliseconds: Int32) throws(DatabaseError) {
        let deadline = ContinuousClock.now + .milliseconds(Int(busyMilliseconds))
        while true {
            do throws(DatabaseError) {
                return try execute("PRAGMA journal_mode = WAL")
            } catch {
                guard error.code == SQLITE_BUSY, .now < deadline else { throw error }
                sqlite3_sleep(10)
            }
        }
    }

    /// Statements that are still there keep the connection until they go.
    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that have neither values nor answers.
    func execute(_ statements: String) throws(DatabaseError) {
        let code = sqlite3_exec(handle, statements, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Compiles a statement, to be run as often as its owner likes. `?1` is its first value.
    func prepare(_ text: String) throws(DatabaseError) -> Statement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard let prepared, code == SQLITE_OK else { throw error(code) }
        return Statement(self, prepared)
    }

    /// All of `body` or nothing of it. The file is locked for writing from the beginning, so that two connections
    /// cannot both read first and then wait for each other.
    func transaction<Answer>(_ body: () throws(DatabaseError) -> Answer) throws(DatabaseError) -> Answer {
        try execute("BEGIN IMMEDIATE")
        do throws(DatabaseError) {
            let answer = try body()
            try execute("COMMIT")
            return answer
        } catch {
            // SQLite may have rolled back by itself; then there is nothing to roll back, which is no error of ours.
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Rows that the last statement inserted, changed or deleted.
    var changes: Int { Int(sqlite3_changes(handle)) }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(path: path, message: String(cString: sqlite3_errmsg(handle)), code: code)
    }

    /// A compiled statement.
    final class Statement {
        private let database: Database
        private let handle: OpaquePointer

        fileprivate init(_ database: Database, _ handle: OpaquePointer) {
            self.database = database
            self.handle = handle
        }

        deinit { sqlite3_finalize(handle) }

        /// Runs it with these values, and returns the rows that it answers with, as text; `nil` is NULL.
        @discardableResult
        func run(_ values: [String?] = []) throws(DatabaseError) -> [[String?]] {
            defer {
                sqlite3_reset(handle)
                sqlite3_clear_bindings(handle)
            }
            for (index, value) in values.enumerated() {
                guard let value else { continue }
                let code = csqlite_bind_text(handle, Int32(index + 1), value, Int32(value.utf8.count))
                guard code == SQLITE_OK else { throw database.error(code) }
            }
            var rows: [[String?]] = []
            while true {
                let code = sqlite3_step(handle)
                if code == SQLITE_DONE { return rows }
                guard code == SQLITE_ROW else { throw database.error(code) }
                rows.append((0..<sqlite3_column_count(handle)).map(text))
            }
        }

        private func text(_ column: Int32) -> String? {
            sqlite3_column_text(handle, column).map { String(cString: $0) }
        }
    }
}

/// What SQLite has refused.
package struct DatabaseError: Error, CustomStringConvertible {
    let path: String
    let message: String
    let code: Int32

    /// One line: the file, what is wrong, and SQLite's number for it.
    package var description: String { "\(path): \(message) (SQLite error \(code))" }
}
