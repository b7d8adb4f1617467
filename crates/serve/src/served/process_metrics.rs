//! Memory and processor time of the process, under the names that Prometheus' clients share, read at each scrape.
//!
//! prometheus-client has no such collector, and a crate for `/proc` would be larger than what is read here.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Ticks of a second in `/proc/PID/stat`: a constant of the kernel's interface on all processors that the program is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// Figures of this process; all metrics but those that the system does not give.
#[derive(Debug)]
pub(crate) struct ProcessMetrics;

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let stat = fs::read_to_string("/proc/self/stat").ok();
        if let Some(seconds) = stat.as_deref().and_then(cpu_seconds) {
            let counter = ConstCounter::new(seconds);
            let help = "Processor time of the process, user and system";
            let kind = counter.metric_type();
            counter.encode(encoder.encode_descriptor("process_cpu", help, Some(&Unit::Seconds), kind)?)?;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let files = fs::read_dir("/proc/self/fd").map(|files| files.count() as u64).ok();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let kib = |name| in_status(&status, name).map(|kib| kib * 1024);
        for (name, help, unit, value) in [
            ("process_resident_memory", "Resident memory of the process", Some(&Unit::Bytes), kib("VmRSS:")),
            ("process_virtual_memory", "Address space of the process", Some(&Unit::Bytes), kib("VmSize:")),
            ("process_threads", "Threads of the process", None, in_status(&status, "Threads:")),
            ("process_open_fds", "Open file descriptors of the process", None, files),
            ("process_max_fds", "Maximum number of open file descriptors", None, max_files(&limits)),
        ] {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(value as f64);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        Ok(())
    }
}

/// User and system time of a line of `/proc/PID/stat`, whose second field, a name in parentheses, may have spaces.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((user + system) as f64 / TICKS_PER_SECOND)
}

/// The number of a line of `/proc/PID/status`.
fn in_status(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// The soft limit of open files; none if there is none.
fn max_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_systems_files() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 75 0 0 20 0 5 0 12345 1000 200 18446744073709551615";
        assert_eq!(cpu_seconds(stat), Some(3.25));
        assert_eq!(cpu_seconds("7 (x) S 1"), None);
        let status = "Name:\thitflop\nVmSize:\t  5000 kB\nVmRSS:\t  2048 kB\nThreads:\t9\n";
        assert_eq!((in_status(status, "VmRSS:"), in_status(status, "Threads:")), (Some(2048), Some(9)));
        assert_eq!(in_status(status, "VmSwap:"), None);
        let limits =
            "Limit Soft Limit Hard Limit Units\nMax open files            1024                 4096    files\n";
        assert_eq!(max_files(limits), Some(1024));
        assert_eq!(max_files("Max open files            unlimited            unlimited  files\n"), None);
    }
}
