internal import Dispatch
internal import Glibc

/// One step of an orderly stop. `run` gets the step's deadline and says whether everything was finished by it.
package struct StopStep: Sendable {
    package let name: String
    package let deadline: Duration
    package let run: @Sendable (Duration) async -> Bool

    package init(_ name: String, deadline: Duration, run: @escaping @Sendable (Duration) async -> Bool) {
        self.name = name
        self.deadline = deadline
        self.run = run
    }
}

/// The deadlines of the steps do not fit into the grace period.
package struct StopPlanError: Error, Equatable, CustomStringConvertible {
    package let sum: Duration
    package let gracePeriod: Duration

    package var description: String {
        "the steps of a stop take up to \(SettingValue.duration(sum)), "
            + "more than the grace period of \(SettingValue.duration(gracePeriod))"
    }
}

/// The steps of an orderly stop, one after the other, within the grace period.
package struct StopPlan: Sendable {
    package let gracePeriod: Duration
    package let steps: [StopStep]

    package init(within gracePeriod: Duration, _ steps: [StopStep]) throws(StopPlanError) {
        let sum = steps.reduce(Duration.zero) { $0 + $1.deadline }
        guard sum <= gracePeriod else { throw StopPlanError(sum: sum, gracePeriod: gracePeriod) }
        self.gracePeriod = gracePeriod
        self.steps = steps
    }

    /// Runs all steps, also after one that did not finish. Whether all of them finished.
    ///
    /// A step that hangs must not keep the process: when the grace period is over, `overrun` is called on another
    /// thread. It logs and leaves with status 1 unless it is replaced.
    package func run(log: Log, overrun: (@Sendable () -> Void)? = nil) async -> Bool {
        let alarm = DispatchWorkItem {
            if let overrun { return overrun() }
            log.error("stop_overrun")
            StandardError.flush(within: StandardStream.flushMax)
            Glibc._exit(ExitStatus.failure.rawValue)
        }
        let deadline = DispatchTime.now() + .milliseconds(Int(gracePeriod.wholeMilliseconds))
        // A queue of its own has a thread, also while the steps block all others.
        DispatchQueue(label: "stop-deadline").asyncAfter(deadline: deadline, execute: alarm)
        defer { alarm.cancel() }
        var isClean = true
        for step in steps {
            let start = ContinuousClock.now
            let isFinished = await step.run(step.deadline)
            isClean = isClean && isFinished
            let took = (ContinuousClock.now - start).wholeMilliseconds
            log.info("stop_step", ["step": step.name, "finished": isFinished, "took_ms": took])
        }
        return isClean
    }
}

/// How the grace period is divided among the steps of a stop. Pure, so that a test can prove the sum.
package struct StopDeadlines: Sendable, Equatable {
    /// For answering what was accepted.
    package let drain: Duration
    /// For records whose request has already given up.
    package let flush: Duration
    /// For the last scrape and probe.
    package let operations: Duration
    /// Left over for everything that is not a step.
    package let margin: Duration

    package init(gracePeriod: Duration) {
        operations = min(.seconds(1), gracePeriod / 20)
        flush = min(.seconds(2), gracePeriod / 10)
        margin = min(.seconds(1), gracePeriod / 20)
        drain = gracePeriod - operations - flush - margin
    }

    package var sum: Duration { drain + flush + operations + margin }
}

/// What the process says to whoever started it.
package enum ExitStatus: Int32, Sendable {
    /// Everything that was asked for was done.
    case success = 0
    /// It was tried and did not work: Kafka refused, an id is missing, the stop was not clean.
    case failure = 1
    /// The command line or a setting is wrong; nothing was tried.
    case usage = 2
}
