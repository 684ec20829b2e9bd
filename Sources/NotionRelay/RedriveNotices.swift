import OrderedConsumer
import Replayer

/// How a redrive is going, for whoever watches.
struct RedriveNotices {
    private let notices = ProgressNotices(every: .milliseconds(100))

    func show(_ progress: Redriver.Progress) {
        switch progress {
        case .reading(let reading):
            show("reading", reading.records, reading.recordsMax, "dead letters")
        case .sent(let sent, let total): show("sent", Int64(sent), Int64(total), "dead letters")
        case .waiting(let keys): show("waiting", Int64(keys), Int64(keys), "entities to be handled")
        }
    }

    /// Takes away what is on the screen.
    func end() { notices.end() }

    private func show(_ step: String, _ count: Int64, _ total: Int64, _ what: String) {
        notices.show {
            ["\(step) \(count) of \(total) \(what)"]
        } json: {
            #"{"step":"\#(step)","count":\#(count),"of":\#(total)}"#
        }
    }
}
