//! Locks between processes, which say who has them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::identity::FileIdentity;
use super::temporary::in_use;
use crate::error::{Error, Result};

/// Time between two attempts.
const RETRY: Duration = Duration::from_millis(10);

/// A locked file, which is removed with this value or at a signal. The operating system releases the lock of a process that ends.
#[derive(Debug)]
pub struct Lock {
    // The file is open as long as the lock is held.
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Locks the file at `path`, which is created; another process that has it is waited for as long as `patience`. `what` says in
    /// the message what the other process does: `is writing to reports`. On a file system without locks there is no protection.
    ///
    /// # Errors
    /// Another process has the lock; the message names it. The operating system refuses.
    pub fn acquire(path: &Path, patience: Duration, what: &str) -> Result<Lock> {
        let refuse = |source| Error::io("write", path, source);
        let deadline = Instant::now() + patience;
        loop {
            // Held until the file is listed, so that the handler of a signal sees every lock.
            let mut paths = in_use();
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(refuse)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    drop(paths);
                    std::thread::sleep(RETRY);
                }
                Err(TryLockError::WouldBlock) => return Err(busy(path, what)),
                // Its holder removed the file between opening and locking: the lock of the removed file is no protection.
                Ok(()) if !is_at(&file, path) => {}
                _ => {
                    sign(&file).map_err(refuse)?;
                    paths.insert(path.to_owned());
                    return Ok(Lock { _file: file, path: path.to_owned() });
                }
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed before it is released, so that none but the holder removes it. A file that stays is locked by the next process.
        let mut paths = in_use();
        let _ = fs::remove_file(&self.path);
        paths.remove(&self.path);
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let of_file = file.metadata().ok().and_then(|found| FileIdentity::from_metadata(path, &found));
    of_file.is_some() && of_file == FileIdentity::of(path)
}

/// Writes who has the lock.
fn sign(mut file: &File) -> std::io::Result<()> {
    let command = std::env::args_os().nth(1).and_then(|word| word.into_string().ok());
    let command = command.filter(|word| word.chars().all(|letter| letter.is_ascii_alphanumeric()));
    let command = command.map(|command| format!(", command {command}")).unwrap_or_default();
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    write!(file, "pid {}, since {}{command}", std::process::id(), utc(SystemTime::now()))
}

fn busy(path: &Path, what: &str) -> Error {
    let holder = fs::read_to_string(path).unwrap_or_default();
    let holder: String = holder.chars().filter(|letter| !letter.is_control()).take(200).collect();
    let holder = if holder.is_empty() { String::new() } else { format!(" ({holder})") };
    Error::Failed(format!("another hitflop{holder} {what}; wait until it has finished, or choose another place"))
}

/// A time in UTC to the second, by the civil calendar (Howard Hinnant, "chrono-compatible low-level date algorithms", 2014).
pub fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_has_the_lock() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("a.lock");
        let lock = Lock::acquire(&path, Duration::ZERO, "is writing").expect("free");
        let error = Lock::acquire(&path, Duration::from_millis(30), "is writing here").expect_err("held");
        let message = error.to_string();
        assert!(message.contains(&format!("another hitflop (pid {}, since ", std::process::id())), "{message}");
        assert!(message.contains(") is writing here; wait until"), "{message}");
        drop(lock);
        assert!(!path.exists());
        Lock::acquire(&path, Duration::ZERO, "is writing").expect("free again");
    }

    #[test]
    fn the_file_of_a_killed_holder_does_not_lock() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("a.lock");
        fs::write(&path, "pid 1, since the beginning, and a longer text than is written").expect("written");
        let lock = Lock::acquire(&path, Duration::ZERO, "is writing").expect("not locked");
        assert!(!fs::read_to_string(&path).expect("readable").contains("beginning"));
        drop(lock);
    }

    #[test]
    fn times_are_written_by_the_calendar() {
        let at = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
