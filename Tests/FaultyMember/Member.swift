import Dispatch
import Kafka
import NotionEvents
import OrderedConsumer
import Pages

/// The handler: what befalls a record is in its header `fate`, what befalls a call is chance.
struct Member: Sendable {
    let chances: Chances
    let log: CallLog
    let store: PageStore

    struct Bad: Error {}

    func handle(_ consumed: ConsumedRecord) async throws -> Verdict {
        let call = log.begin(consumed)
        do {
            let verdict = try await act(consumed)
            switch verdict {
            case .done: log.end(call, "done")
            case .deadLetter: log.end(call, "poison")
            default: log.end(call, "retry")
            }
            return verdict
        } catch {
            log.end(call, error is CancellationError ? "cancelled" : "thrown")
            throw error
        }
    }

    private func act(_ consumed: ConsumedRecord) async throws -> Verdict {
        let clock = ContinuousClock()
        switch fate(of: consumed) {
        case "poison": return .deadLetter(.handler, "poison")
        case "stubborn":
            await stay(milliseconds: chances.number("stubborn_ms"))
            try await store.apply(event(of: consumed), id: consumed.id ?? "")
            return .done
        default: break
        }
        if chances.falls("hang_permille") { try await clock.sleep(for: .milliseconds(chances.number("hang_ms"))) }
        try await clock.sleep(for: .milliseconds(chances.milliseconds(upTo: "handle_ms")))
        if chances.falls("fail_permille") { return .retry("by chance") }
        try await store.apply(event(of: consumed), id: consumed.id ?? "")
        // The effect is there and the handler fails: the next attempt must not have it again.
        if chances.falls("throw_permille") { throw Bad() }
        return .done
    }

    private func fate(of consumed: ConsumedRecord) -> String {
        let header = consumed.record.headers.first { $0.name == "fate" }
        return String(decoding: header?.value ?? [], as: UTF8.self)
    }

    /// Takes its time whatever its task is told.
    private func stay(milliseconds: Int) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { continuation.resume() }
        }
    }

    /// An event of a page that is named like the key, and that occurred at its number.
    private func event(of consumed: ConsumedRecord) -> Event {
        let record = consumed.record
        let page = Event.Reference(type: "page", id: String(decoding: record.key ?? [], as: UTF8.self))
        var event = Event(id: consumed.id ?? "", type: "page.content_updated", entity: page)
        let number = String(decoding: record.value ?? [], as: UTF8.self)
        event.occurredAt = String(repeating: "0", count: max(0, 9 - number.count)) + number
        return event
    }
}
