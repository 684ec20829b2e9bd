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
            Glibc._exit(ExitStatus.failure.rawValue)
        }
        let deadline = DispatchTime.now() + .milliseconds(Int(gracePeriod.wholeMilliseconds))
        DispatchQueue.global().asyncAfter(deadline: deadline, execute: alarm)
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
