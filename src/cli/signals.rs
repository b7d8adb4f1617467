//! EndingSignals that end a command: temporary files are removed first, and a commit that has begun is finished.

#[cfg(unix)]
pub use unix::remove_temporaries_at_signals;

/// Where there are no such signals, the next process removes what is left.
#[cfg(not(unix))]
pub fn remove_temporaries_at_signals() {}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::Once;
    use std::thread;

    use hitflop_core::disk::remove_temporaries;
    use tokio::runtime::Builder;
    use tokio::signal::unix::{signal, Signal, SignalKind};

    /// Ends the process at SIGTERM, SIGINT and SIGHUP with the exit code that a shell gives to a command killed so: 128 and the
    /// number of the signal. A signal that the parent process had ignored, as `nohup` does, stays ignored.
    pub fn remove_temporaries_at_signals() {
        static STARTED: Once = Once::new();
        // Without a thread a signal kills the process, and the next one removes what is left.
        STARTED.call_once(|| drop(thread::Builder::new().name("hitflop-signals".to_owned()).spawn(wait)));
    }

    fn wait() {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        let received = runtime.block_on(async {
            let mut signals = EndingSignals::new();
            let [terminate, interrupt, hang_up] = &mut signals.0;
            tokio::select! {
                Some(kind) = next(terminate) => kind,
                Some(kind) = next(interrupt) => kind,
                Some(kind) = next(hang_up) => kind,
                else => std::future::pending().await,
            }
        });
        remove_temporaries();
        std::process::exit(128 + received.as_raw_value());
    }

    /// The signals that are not ignored.
    struct EndingSignals([Option<(SignalKind, Signal)>; 3]);

    impl EndingSignals {
        fn new() -> EndingSignals {
            let ignored = ignored_signals();
            let is_ignored = |kind: SignalKind| ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            let listen = |kind: SignalKind| {
                let signal = (!is_ignored(kind)).then(|| signal(kind).ok()).flatten()?;
                Some((kind, signal))
            };
            EndingSignals([SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(listen))
        }
    }

    /// The kind, once the signal is received.
    async fn next(signal: &mut Option<(SignalKind, Signal)>) -> Option<SignalKind> {
        let (kind, signal) = signal.as_mut()?;
        signal.recv().await.map(|()| *kind)
    }

    /// The set of ignored signals, one bit each; none where the system does not tell.
    fn ignored_signals() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or_default()
    }
}
