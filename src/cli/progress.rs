//! Progress on standard error: each stage by name while it runs, with its time when done. Silent if nobody watches.

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde::Serialize;

/// A stage that has run.
#[derive(Clone, Debug, Serialize)]
pub struct StageTime {
    /// Its name.
    pub stage: String,
    /// Wall-clock time.
    pub seconds: f64,
}

/// The stages of one command.
#[derive(Debug)]
pub struct Progress {
    visible: bool,
    started: Instant,
    times: Vec<StageTime>,
}

impl Progress {
    /// Visible on a terminal, unless `quiet`.
    pub fn new(quiet: bool) -> Progress {
        Progress { visible: !quiet && std::io::stderr().is_terminal(), started: Instant::now(), times: Vec::new() }
    }

    /// Runs a stage and keeps its time.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn stage<T, E>(&mut self, name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let bar = self.bar(name);
        let started = Instant::now();
        let result = work();
        let seconds = started.elapsed().as_secs_f64();
        finish(&bar, name, seconds, result.is_ok());
        self.times.push(StageTime { stage: name.to_owned(), seconds });
        result
    }

    /// Runs a stage of `steps` steps, which `work` tells as they are done; shown with the time left.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn counted<T, E>(
        &mut self,
        name: &str,
        steps: u64,
        work: impl FnOnce(&ProgressBar) -> Result<T, E>,
    ) -> Result<T, E> {
        let bar = self.bar(name);
        bar.set_length(steps);
        // Before the first step nothing is known of the time that the others will take.
        let left = |state: &ProgressState, out: &mut dyn Write| {
            let told = match state.pos() {
                0 => Ok(()),
                _ => write!(out, ", {} left", HumanDuration(state.eta())),
            };
            // Writing to what indicatif collects in memory can't fail.
            let _ = told;
        };
        bar.set_style(style("{spinner:.cyan} {msg:<36} {bar:24.cyan} {pos}/{len}{left}").with_key("left", left));
        let started = Instant::now();
        let result = work(&bar);
        let seconds = started.elapsed().as_secs_f64();
        finish(&bar, name, seconds, result.is_ok());
        self.times.push(StageTime { stage: name.to_owned(), seconds });
        result
    }

    /// The stages that have run, in order.
    pub fn times(&self) -> &[StageTime] {
        &self.times
    }

    /// Time since the command began, in seconds.
    pub fn total_seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn bar(&self, name: &str) -> ProgressBar {
        if !self.visible {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_style(style("{spinner:.cyan} {msg}")).with_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(80));
        bar
    }
}

fn finish(bar: &ProgressBar, name: &str, seconds: f64, done: bool) {
    let mark = if done { "{prefix:.green}" } else { "{prefix:.red}" };
    bar.set_style(style(&format!("{mark} {{msg}}")));
    bar.set_prefix(if done { "✓" } else { "✗" });
    bar.finish_with_message(format!("{name:<36}{seconds:>8.2} s"));
}

fn style(template: &str) -> ProgressStyle {
    // The templates are the constants above; a wrong one would fall back to indicatif's own style.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
