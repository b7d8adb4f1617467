//! What the system lets the process have, tried before the service starts: threads, open files, memory. Without them tokio and
//! rayon panic, requests wait for a thread that never comes, or the process is aborted.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, Context, Result};
use tokio::runtime::{Builder, Runtime};
use tracing::warn;

use crate::cli::settings::ProgramOptions;

/// Threads for blocking work that are started with the service and never end, so that work that is queued is always done.
const KEPT_THREADS: usize = 2;
/// Threads for blocking work besides batches, explanations and neighbours: reading models, metrics, names of hosts.
const OTHER_THREADS: usize = 4;
/// Maximum number of threads for blocking work.
const MAX_THREADS: usize = 512;
/// Time for which an idle thread is kept: always.
const KEEP_ALIVE: Duration = Duration::from_secs(365 * 24 * 3600);
/// Time for the first threads to start.
const START_TIME: Duration = Duration::from_secs(10);
/// Files that are open besides connections: the model, sockets, tokio's own.
const FILES: usize = 32;
/// Memory without the model, and with it as a multiple of its file.
const BASE_BYTES: usize = 64 << 20;
const MODEL_FACTOR: usize = 20;

/// Tries whether the process can have what the service needs for `model`.
///
/// # Errors
/// It cannot; the message says which limit is too low.
pub fn check(program: &ProgramOptions, model: &Path) -> Result<()> {
    let workers = workers(program);
    // Those of tokio, of rayon, of blocking work, and the one that writes the log.
    try_threads(2 * workers + KEPT_THREADS + 1)?;
    let files: Result<Vec<File>, _> = (0..FILES).map(|_| File::open("/dev/null")).collect();
    if cfg!(unix) {
        files.with_context(|| {
            format!("the service cannot open {FILES} files; raise the limit of open files (ulimit -n)")
        })?;
    }
    // A model that cannot be read is reported by its reader.
    let size = fs::metadata(model).map_or(0, |found| usize::try_from(found.len()).unwrap_or(usize::MAX));
    let needed = size.saturating_mul(MODEL_FACTOR).saturating_add(BASE_BYTES);
    Vec::<u8>::new().try_reserve_exact(needed).map_err(|_| {
        let mib = needed >> 20;
        anyhow!("the service cannot have {mib} MiB of memory; raise the limit of address space (ulimit -v)")
    })
}

fn workers(program: &ProgramOptions) -> usize {
    match program.threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Starts as many threads at a time, and ends them.
fn try_threads(count: usize) -> Result<()> {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    let mut started = Vec::with_capacity(count);
    let outcome = (0..count).try_for_each(|_| {
        let held = Arc::clone(&held);
        // Each waits for the lock or for the channel, until the channel is closed.
        let thread = thread::Builder::new().spawn(move || held.lock().map(|held| held.recv().is_ok()).is_ok());
        thread.map(|thread| started.push(thread))
    });
    let number = started.len();
    drop(release);
    for thread in started {
        let _ = thread.join();
    }
    outcome.with_context(|| {
        format!(
            "the service needs {count} threads and can start {number}; raise the limit of processes (ulimit -u, or that of the \
             container) or of address space (ulimit -v), or set --threads to a lower number"
        )
    })
}

/// The thread pools of the service, for at most `heavy` pieces of long work at a time.
///
/// # Errors
/// A thread cannot be started.
pub fn runtime(program: &ProgramOptions, heavy: usize) -> Result<Runtime> {
    const FAILED: &str = "the threads of the service cannot be started";
    if program.threads == 0 {
        rayon::ThreadPoolBuilder::new().build_global().context(FAILED)?;
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers(program))
        .max_blocking_threads(heavy.saturating_add(OTHER_THREADS).min(MAX_THREADS))
        .thread_keep_alive(KEEP_ALIVE)
        .thread_name("hitflop-serve")
        .enable_all()
        .build()
        .context(FAILED)?;
    runtime.block_on(start_kept_threads()).context(FAILED)?;
    Ok(runtime)
}

/// Starts the threads that are kept: each waits for the others.
async fn start_kept_threads() -> Result<()> {
    let barrier = Arc::new(Barrier::new(KEPT_THREADS));
    let waiting: Vec<_> = (0..KEPT_THREADS)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            tokio::task::spawn_blocking(move || barrier.wait())
        })
        .collect();
    for waiting in waiting {
        tokio::time::timeout(START_TIME, waiting).await??;
    }
    Ok(())
}

/// Warns if fewer files may be open than connections are allowed.
pub fn warn_of_few_files(connections: usize) {
    let Some(most) = max_files() else { return };
    if connections.saturating_add(FILES) > most {
        let remedy = "raise the limit of open files (ulimit -n) or lower max-connections";
        warn!(open_files = most, connections, remedy, "further connections will wait for open files");
    }
}

/// The limit of open files; none if there is none or it is not known.
fn max_files() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
