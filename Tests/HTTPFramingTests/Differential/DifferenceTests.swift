import Foundation
import HTTPFraming
import TestSupport
import Testing

/// What we accept, h11 and httptools read alike; what they refuse, we refuse.
struct DifferenceTests {
    /// A difference that is known and harmless: one of them refuses what cannot be read in two ways, or nothing is read
    /// behind the request.
    struct Known: Sendable {
        let reader: String
        let reason: String
        let covers: @Sendable (ReadRequest, OtherReaders.Verdict) -> Bool
    }

    /// Whether a query that is not ASCII is all that was refused.
    private static func isRefusedQuery(_ own: ReadRequest, _ verdict: OtherReaders.Verdict) -> Bool {
        ["Invalid char in url query", "illegal request line"].contains { verdict.refused?.hasPrefix($0) == true }
            && own.target.unicodeScalars.contains { $0.value >= 0x80 }
    }

    static let known = [
        Known(reader: "httptools", reason: "it knows only the methods of its list") { _, verdict in
            ["Invalid method encountered", "Expected space after method"].contains(verdict.refused)
        },
        Known(reader: "httptools", reason: "it leaves white space behind a value") { own, verdict in
            verdict.read?.withFields { name, value in (name, value.trimming("\t ")) } == own.asReadByOthers
        },
        Known(reader: "httptools", reason: "a query is ASCII", covers: isRefusedQuery),
        Known(reader: "h11", reason: "a query is ASCII", covers: isRefusedQuery),
        Known(reader: "httptools", reason: "it takes a body for HTTP/2 or TLS, and nothing may follow it") {
            own,
            verdict in
            own.isLast && own.hasUpgrade
                && verdict.read?.withFields { name, value in (name, value.trimming("\t ")) }
                    == own.withoutBody(endingAt: verdict.read?.end)
        },
        Known(reader: "h11", reason: "it writes the coding in lower case") { own, verdict in
            own.asReadByOthers.withFields { name, value in
                (name, name == "transfer-encoding" ? value.lowercased() : value)
            }
                == verdict.read
        },
    ]

    private static var seconds: Double {
        ProcessInfo.processInfo.environment["NOTION_RELAY_FUZZ_SECONDS"].flatMap(Double.init) ?? 3
    }

    @Test(.needsPython(with: "h11 and httptools"))
    func `the corpus is read by others as by us`() throws {
        let readers = try OtherReaders()
        var tally = Tally()
        for row in Framing.all {
            try tally.compare([row.bytes], readers, "row: \(row.name)")
        }
        print("corpus: \(tally)")
    }

    @Test(.needsPython(with: "h11 and httptools"))
    func `strange requests are read by others as by us`() throws {
        let readers = try OtherReaders()
        var requests = StrangeRequests(SeededGenerator())
        let seed = "NOTION_RELAY_TEST_SEED=\(requests.random.seed)"
        var tally = Tally()
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds)
        var nextLine = clock.now + .seconds(5)
        while clock.now < end, tally.faults < 20 {
            try tally.compare((0..<100).map { _ in requests.next() }, readers, seed)
            if clock.now > nextLine {
                FileHandle.standardError.write(Data("fuzz: \(tally)\n".utf8))
                nextLine = clock.now + .seconds(5)
            }
        }
        print("fuzz: \(tally), \(seed)")
        #expect(tally.read > 0 && tally.refused > 0, "the generator makes both kinds")
    }
}

extension String {
    fileprivate func trimming(_ characters: String) -> String {
        trimmingCharacters(in: CharacterSet(charactersIn: characters))
    }
}

/// What came of the comparisons.
private struct Tally: CustomStringConvertible {
    private(set) var read = 0
    private(set) var refused = 0
    private(set) var incomplete = 0
    private(set) var faults = 0
    private var known: [String: Int] = [:]

    var description: String {
        let differences = known.sorted { $0.key < $1.key }.map { ", \($0.value) known differences: \($0.key)" }
        return
            "\(read + refused + incomplete) framings, \(read) accepted, \(refused) refused, \(incomplete) incomplete, "
            + "\(faults) unknown differences\(differences.joined())"
    }

    mutating func compare(_ streams: [[UInt8]], _ readers: OtherReaders, _ origin: String) throws {
        for (stream, verdicts) in zip(streams, try readers.read(streams)) {
            let own = ReadRequest.own(stream)
            for (name, verdict) in zip(OtherReaders.names, verdicts) {
                judge(own, name, verdict, stream, origin)
            }
            switch own {
            case .read: read += 1
            case .refused: refused += 1
            case .incomplete: incomplete += 1
            }
        }
    }

    private mutating func judge(
        _ own: ReadRequest.Own,
        _ name: String,
        _ verdict: OtherReaders.Verdict,
        _ stream: [UInt8],
        _ origin: String
    ) {
        let isSame =
            switch own {
            case .refused: true
            case .incomplete(let isLast): verdict.read == nil || (isLast && verdict.read?.hasUpgrade == true)
            case .read(let request): verdict.read == request.asReadByOthers
            }
        guard !isSame else { return }
        if case .read(let request) = own,
            let difference = DifferenceTests.known.first(where: { $0.reader == name && $0.covers(request, verdict) })
        {
            known["\(name), \(difference.reason)", default: 0] += 1
            return
        }
        faults += 1
        let text = String(String.UnicodeScalarView(stream.map { Unicode.Scalar($0) })).debugDescription
        Issue.record("\(name) reads \(text) as \(verdict), we as \(own); \(origin)")
    }
}
