//! Polars: its failures as this workspace's error, and its streaming engine.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Once;

use hitflop_core::error::{Error, Result};
use polars::error::PolarsError;
use polars::prelude::{DataFrame, Engine, LazyFrame};

/// What Polars returns.
pub(crate) trait EngineResult<T> {
    /// The value, or [`Error::Engine`].
    fn engine(self) -> Result<T>;
}

impl<T> EngineResult<T> for std::result::Result<T, PolarsError> {
    fn engine(self) -> Result<T> {
        self.map_err(|error| Error::Engine(Box::new(error)))
    }
}

/// Collects a plan by the streaming engine.
pub(crate) fn streaming(plan: LazyFrame) -> Result<DataFrame> {
    Ok(plan.collect_with_engine(Engine::Streaming).engine()?.unwrap_single())
}

/// Number of calls of [`guarded`] that run, during which no panic is printed.
static SILENCED: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// The result of `job`, or the message of its panic, which is not printed. Polars panics in threads of its own, so that a hook of
/// the whole program is needed; outside of `job` it does what the former hook did.
pub(crate) fn guarded<T>(job: impl FnOnce() -> T) -> std::result::Result<T, String> {
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if SILENCED.load(Ordering::SeqCst) == 0 {
                former(info);
            }
        }));
    });
    SILENCED.fetch_add(1, Ordering::SeqCst);
    let result = std::panic::catch_unwind(AssertUnwindSafe(job));
    SILENCED.fetch_sub(1, Ordering::SeqCst);
    result.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().map_or("unknown reason", |message| message).to_owned(),
    })
}
