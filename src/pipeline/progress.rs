//! How a long job reports what it is doing.

/// A stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is done, in a few words: `read and check the tracks`.
    pub name: &'static str,
    /// Number of its steps, if it has any.
    pub steps: Option<u64>,
    /// Steps that an interrupted job has finished before.
    pub resumed: u64,
}

/// Observes the stages of a job, one after the other. `()` ignores them.
pub trait Progress: Sync {
    /// A stage begins.
    fn started(&self, stage: &Stage);

    /// One more step of the stage is finished. May be called from any thread.
    fn step(&self);

    /// The stage ends; `done` is false if it failed.
    fn finished(&self, stage: &Stage, done: bool);
}

impl Progress for () {
    fn started(&self, _: &Stage) {}
    fn step(&self) {}
    fn finished(&self, _: &Stage, _: bool) {}
}

impl dyn Progress + '_ {
    pub(super) fn stage<T, E>(&self, name: &'static str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.observe(Stage { name, steps: None, resumed: 0 }, work)
    }

    /// A stage of `steps` steps; `work` calls its argument after each.
    pub(super) fn counted<T, E>(
        &self,
        name: &'static str,
        steps: u64,
        work: impl FnOnce(&(dyn Fn() + Sync)) -> Result<T, E>,
    ) -> Result<T, E> {
        self.observe(Stage { name, steps: Some(steps), resumed: 0 }, || work(&|| self.step()))
    }

    pub(super) fn observe<T, E>(&self, stage: Stage, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.started(&stage);
        let result = work();
        self.finished(&stage, result.is_ok());
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Log(Mutex<Vec<String>>);

    impl Progress for Log {
        fn started(&self, stage: &Stage) {
            self.0.lock().expect("no panic").push(format!("{} of {:?}", stage.name, stage.steps));
        }
        fn step(&self) {
            self.0.lock().expect("no panic").push("step".to_owned());
        }
        fn finished(&self, stage: &Stage, done: bool) {
            self.0.lock().expect("no panic").push(format!("{} {done}", stage.name));
        }
    }

    #[test]
    fn stages_report_begin_steps_and_end() {
        let log = Log::default();
        let progress: &dyn Progress = &log;
        let sum = progress.counted("add", 2, |step| {
            step();
            step();
            Ok::<_, String>(3)
        });
        assert_eq!(sum, Ok(3));
        assert_eq!(progress.stage("fail", || Err::<(), _>("why")), Err("why"));
        let seen = log.0.into_inner().expect("no panic");
        assert_eq!(seen, ["add of Some(2)", "step", "step", "add true", "fail of None", "fail false"]);
    }
}
