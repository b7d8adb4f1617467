//! Progress on standard error: each stage by name while it runs, and its duration when it is finished. Where standard error is no
//! terminal, long jobs write a line a stage, and other commands nothing.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde::Serialize;

use super::print;

use hitflop::pipeline::{Progress, Stage};

/// A finished stage.
#[derive(Clone, Debug, Serialize)]
pub struct StageTime {
    pub stage: String,
    pub seconds: f64,
}

/// The stages of one command.
#[derive(Debug)]
pub struct TerminalProgress {
    display: Display,
    started: Instant,
    stages: Mutex<Stages>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Display {
    /// The stage that runs, with a bar.
    Bar,
    /// A line for each finished stage.
    Lines,
    Nothing,
}

#[derive(Debug)]
struct Stages {
    bar: ProgressBar,
    started: Instant,
    finished: Vec<StageTime>,
}

impl TerminalProgress {
    /// Visible on a terminal, unless `quiet`.
    pub fn new(quiet: bool) -> TerminalProgress {
        TerminalProgress::with(quiet, Display::Nothing)
    }

    /// Of a job that takes seconds to hours: visible on a terminal, and as lines elsewhere, unless `quiet`.
    pub fn of_job(quiet: bool) -> TerminalProgress {
        TerminalProgress::with(quiet, Display::Lines)
    }

    fn with(quiet: bool, elsewhere: Display) -> TerminalProgress {
        let display = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Display::Nothing,
            (false, true) => Display::Bar,
            (false, false) => elsewhere,
        };
        let started = Instant::now();
        let stages = Stages { bar: ProgressBar::hidden(), started, finished: Vec::new() };
        TerminalProgress { display, started, stages: Mutex::new(stages) }
    }

    /// The finished stages, in order.
    pub fn times(&self) -> Vec<StageTime> {
        self.with_stages(|stages| stages.finished.clone())
    }

    /// Time since the command began, in seconds.
    pub fn total_seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn with_stages<T>(&self, access: impl FnOnce(&mut Stages) -> T) -> T {
        // Whatever panicked, these are names and durations.
        access(&mut self.stages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn bar(&self, stage: &Stage) -> ProgressBar {
        if self.display != Display::Bar {
            return ProgressBar::hidden();
        }
        let spinner = style("{spinner:.cyan} {msg}");
        let bar = ProgressBar::new_spinner().with_style(spinner).with_message(stage.name);
        bar.enable_steady_tick(Duration::from_millis(80));
        if let Some(steps) = stage.steps {
            bar.set_length(steps);
            bar.set_style(style("{spinner:.cyan} {msg:<36} {bar:24.cyan} {pos}/{len}{left}").with_key("left", left));
            bar.set_position(stage.resumed);
            bar.reset_eta();
        }
        bar
    }
}

impl Progress for TerminalProgress {
    fn started(&self, stage: &Stage) {
        let bar = self.bar(stage);
        self.with_stages(|stages| {
            stages.bar = bar;
            stages.started = Instant::now();
        });
    }

    fn step(&self) {
        self.with_stages(|stages| stages.bar.inc(1));
    }

    fn finished(&self, stage: &Stage, done: bool) {
        self.with_stages(|stages| {
            let seconds = stages.started.elapsed().as_secs_f64();
            let (mark, template) = if done { ("✓", "{prefix:.green} {msg}") } else { ("✗", "{prefix:.red} {msg}") };
            stages.bar.set_style(style(template));
            stages.bar.set_prefix(mark);
            stages.bar.finish_with_message(format!("{:<36}{seconds:>8.2} s", stage.name));
            if self.display == Display::Lines {
                let end = if done { "finished" } else { "failed" };
                print::to_stderr(&format!("{end}: {} ({seconds:.2} s)", stage.name));
            }
            stages.finished.push(StageTime { stage: stage.name.to_owned(), seconds });
        });
    }
}

/// The estimated rest, which is unknown before the first step.
fn left(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        // Writing to what indicatif collects in memory can't fail.
        let _ = write!(out, ", {} left", HumanDuration(state.eta()));
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are the constants above; a wrong one would fall back to indicatif's own style.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
