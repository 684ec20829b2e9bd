import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Operations

@Suite
struct LogTests {
    /// Keeps the lines; its clock is set by hand.
    private final class Recorder: Sendable {
        let lines = Mutex<[String]>([])
        let milliseconds = Mutex<Int64>(1_791_277_367_713)

        func log(_ format: LogFormat, _ level: LogLevel = .info) -> Log {
            Log(
                level: level,
                format: format,
                sink: { line in self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } },
                now: { self.milliseconds.withLock { $0 } }
            )
        }
    }

    @Test
    func `a JSON line is this`() {
        let recorder = Recorder()
        recorder.log(.json).warning(
            "delivery_refused",
            [
                "reason": "a \"quoted\"\\ \n\r\t\u{1}\u{7F} ä", "count": 3, "share": 0.5, "kept": true,
                "took": Duration.seconds(8),
            ]
        )
        let escaped = #""a \"quoted\"\\ \n\r\t\u0001\u007f ä""#
        let expected =
            #"{"time":"2026-10-06T09:02:47.713Z","level":"warning","event":"delivery_refused","reason":"# + escaped
            + #","count":3,"share":0.5,"kept":true,"took":"8s"}"# + "\n"
        #expect(recorder.lines.withLock { $0 } == [expected])
    }

    @Test
    func `a text line is this`() {
        let recorder = Recorder()
        recorder.log(.text).info(
            "listening",
            ["address": "0.0.0.0:8080", "note": "two words", "forged": "a\nb=c", "empty": "", "port": 8080]
        )
        let expected =
            #"2026-10-06T09:02:47.713Z info listening address=0.0.0.0:8080 note="two words" forged="a\nb=c" "#
            + #"empty="" port=8080"# + "\n"
        #expect(recorder.lines.withLock { $0 } == [expected])
    }

    @Test
    func `every line of any text is JSON`() throws {
        var generator = SeededGenerator()
        let recorder = Recorder()
        let log = recorder.log(.json)
        for _ in 0..<2000 {
            let text = String(decoding: generator.bytes(like: "ab\"\\\u{0}\n\u{2028}{}", countMax: 60), as: UTF8.self)
            log.info("event", ["text": text])
            let line = recorder.lines.withLock { $0.removeLast() }
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["text"] as? String == text, "seed \(generator.seed)")
            #expect(line.filter { $0 == "\n" }.count == 1, "seed \(generator.seed)")
        }
    }

    @Test
    func `long texts are cut`() {
        let recorder = Recorder()
        recorder.log(.json).info("event", ["text": String(repeating: "ä", count: 100_000)])
        #expect(recorder.lines.withLock { $0[0].utf8.count } < 2200)
    }

    @Test
    func `a level that is off builds no fields`() {
        let recorder = Recorder()
        let log = recorder.log(.json, .warning)
        func fail() -> String {
            Issue.record("The fields were built.")
            return ""
        }
        log.debug("event", ["text": fail()])
        log.info("event", ["text": fail()])
        log.limited(.info, "event", ["text": fail()])
        log.warning("event")
        log.error("event")
        #expect(recorder.lines.withLock { $0.count } == 2)
    }

    @Test
    func `an event with a limit says how many lines were left out`() {
        let recorder = Recorder()
        let log = recorder.log(.text)
        for _ in 0..<10 { log.limited(.warning, "refused", perSecond: 3) }
        log.limited(.warning, "other", perSecond: 3)
        recorder.milliseconds.withLock { $0 += 1000 }
        for _ in 0..<2 { log.limited(.warning, "refused", perSecond: 3) }
        let lines = recorder.lines.withLock { $0 }.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
        #expect(
            lines == [
                "refused\n", "refused\n", "refused\n", "other\n", "refused suppressed=7\n", "refused\n",
            ]
        )
    }
}
