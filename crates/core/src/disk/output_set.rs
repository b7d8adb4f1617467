//! Outputs that change together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::destination::Destination;
use super::identity::FileIdentity;
use super::journal::{lock_finished, Journal};
use super::lock::Lock;
use super::staged::Staged;
use super::temporary::{committing, remove_stale, TemporaryDirectory};
use super::{create_directories, directory_of};
use crate::error::{Error, Fault, Place, Reason, Result};

/// Threads that sync files: the file system merges what several of them sync at a time.
const SYNCING_THREADS: usize = 8;

/// Files that are written together. Dropped before [`OutputSet::commit`], it leaves nothing behind; after a commit all of them are
/// at their targets, also if the process is killed in it.
#[derive(Debug)]
pub struct OutputSet {
    /// Directories of the outputs, in which whoever reads them looks for a journal.
    directories: Vec<PathBuf>,
    /// Directories that were created, the outermost first.
    created: Vec<PathBuf>,
    /// One for each directory with outputs.
    staging: BTreeMap<PathBuf, Arc<TemporaryDirectory>>,
    staged: Vec<Staged>,
    /// Number of outputs that were begun: the next one is the name of a staged file.
    begun: usize,
    removals: Vec<PathBuf>,
    locks: Vec<Lock>,
    is_committed: bool,
}

impl OutputSet {
    /// Begins a set with outputs in these directories, which are created with the first output. A set that a killed process had
    /// committed there is finished, and what it had staged is removed.
    ///
    /// # Errors
    /// A directory is a file, or cannot be written to.
    pub fn open(directories: &[&Path]) -> Result<OutputSet> {
        let set = OutputSet {
            // A bare name has no directory above it.
            directories: directories.iter().map(|directory| Path::new(".").join(directory)).collect(),
            created: Vec::new(),
            staging: BTreeMap::new(),
            staged: Vec::new(),
            begun: 0,
            removals: Vec::new(),
            locks: Vec::new(),
            is_committed: false,
        };
        directories.iter().try_for_each(|directory| probe(directory))?;
        let directories = set.real_directories()?;
        let locks = lock_finished(&directories)?;
        for directory in &directories {
            remove_stale(directory);
            subdirectories(directory).for_each(|below| remove_stale(&below));
        }
        drop(locks);
        Ok(set)
    }

    /// The directories that exist, each once and without links.
    fn real_directories(&self) -> Result<Vec<PathBuf>> {
        let mut real: Vec<PathBuf> = Vec::new();
        for directory in self.directories.iter().filter(|directory| directory.is_dir()) {
            let directory = directory.canonicalize().map_err(|source| Error::io("read", directory, source))?;
            if !real.contains(&directory) {
                real.push(directory);
            }
        }
        Ok(real)
    }

    /// Adds an output with its bytes.
    ///
    /// # Errors
    /// The target is a directory, or the operating system refuses.
    pub fn stage(&mut self, target: &Path, bytes: &[u8]) -> Result<()> {
        let staged = self.begin(target)?;
        staged.fill(bytes)?;
        self.staged.push(staged);
        Ok(())
    }

    /// Begins an output whose bytes are written by others, and which is added later.
    ///
    /// # Errors
    /// As [`OutputSet::stage`].
    pub fn begin(&mut self, target: &Path) -> Result<Staged> {
        let destination = Destination::of(target)?;
        let Destination::File(path) = &destination else { return Staged::beside(target) };
        let directory = directory_of(path);
        self.created.extend(create_directories(directory)?);
        let directory = match self.staging.get(directory) {
            Some(directory) => Arc::clone(directory),
            None => {
                let staging = Arc::new(TemporaryDirectory::beside_outputs(directory)?);
                self.staging.insert(directory.to_owned(), Arc::clone(&staging));
                staging
            }
        };
        let name = self.begun.to_string();
        self.begun += 1;
        Ok(Staged::within(directory, &name, target, destination))
    }

    /// Adds an output that is written.
    pub fn add(&mut self, staged: Staged) {
        self.staged.push(staged);
    }

    /// Adds a file of an earlier set that this one lacks: it is removed with the commit, if it is there.
    pub fn remove(&mut self, target: PathBuf) {
        self.removals.push(target);
    }

    /// The outputs, as they were named.
    pub fn targets(&self) -> impl Iterator<Item = &Path> {
        self.staged.iter().map(Staged::target)
    }

    /// Waits until no other process commits in these directories, and keeps others waiting: what is read from now on is what the
    /// commit will replace.
    ///
    /// # Errors
    /// Another process has been committing for half a minute.
    pub fn lock(&mut self) -> Result<()> {
        if self.locks.is_empty() {
            self.locks = lock_finished(&self.real_directories()?)?;
        }
        Ok(())
    }

    /// Puts all outputs at their targets.
    ///
    /// # Errors
    /// An output cannot be put at its target: all former files are there then. After an unexpected error of a rename, the next
    /// process that opens one of the directories finishes the set.
    pub fn commit(mut self) -> Result<()> {
        self.refuse_namesakes()?;
        self.seal()?;
        let streams: Vec<(&Staged, &PathBuf)> = self.staged.iter().filter_map(to_stream).collect();
        // Before the commit, so that an error of a pipe changes no file.
        streams.into_iter().try_for_each(|(staged, stream)| staged.write_through(stream))?;
        let _committing = committing();
        self.lock()?;
        self.staging.keys().for_each(|directory| remove_stale(directory));
        let journal = self.journal()?;
        if !journal.directories.is_empty() {
            journal.write()?;
        }
        self.is_committed = true;
        journal.finish()
    }

    fn journal(&self) -> Result<Journal> {
        let real = |path: &Path| {
            let directory = directory_of(path);
            let real = directory.canonicalize().map_err(|source| Error::io("read", directory, source))?;
            Ok::<_, Error>(real.join(path.file_name().unwrap_or_default()))
        };
        let rename = |(staged, path): (&Staged, &PathBuf)| Ok((real(staged.path())?, real(path)?));
        let renames = self.staged.iter().filter_map(to_file).map(rename).collect::<Result<_>>()?;
        let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok_and(|found| !found.is_dir());
        let removals = self.removals.iter().filter(is_there).map(|path| real(path)).collect::<Result<_>>()?;
        Ok(Journal { directories: self.real_directories()?, renames, removals })
    }

    /// Two outputs of one name would be one file.
    fn refuse_namesakes(&self) -> Result<()> {
        let mut seen: BTreeMap<PathBuf, &Path> = BTreeMap::new();
        let mut identities = BTreeMap::new();
        for (staged, path) in self.staged.iter().filter_map(to_file) {
            super::refuse_directory(path)?;
            let known = seen.insert(super::resolved(path)?, staged.target());
            let linked = FileIdentity::of(path).and_then(|identity| identities.insert(identity, staged.target()));
            if let Some(other) = known.or(linked) {
                let place = Place::file(staged.target().display().to_string());
                let rule = format!("expected outputs of different names, but {} is the same file", other.display());
                return Err(Error::input(Fault::new(place, Reason::Setting, rule)));
            }
        }
        Ok(())
    }

    fn seal(&self) -> Result<()> {
        let share = self.staged.len().div_ceil(SYNCING_THREADS).max(1);
        std::thread::scope(|scope| {
            let seal = |part: &[Staged]| part.iter().try_for_each(Staged::seal);
            let parts: Vec<_> = self.staged.chunks(share).map(|part| scope.spawn(move || seal(part))).collect();
            let failed = || Error::Failed("syncing the outputs failed".to_owned());
            parts.into_iter().try_for_each(|part| part.join().map_err(|_| failed())?)
        })
    }
}

/// Checks that a directory, or the one in which it would be created, can be written to.
fn probe(directory: &Path) -> Result<()> {
    let directory = Path::new(".").join(directory);
    let existing = directory.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&directory);
    let probed = TemporaryDirectory::beside_outputs(existing);
    probed.map(drop).map_err(|error| match error {
        Error::Io { action, source, .. } => {
            Error::io(action, directory.strip_prefix(".").unwrap_or(&directory), source)
        }
        other => other,
    })
}

/// Those that are not hidden.
fn subdirectories(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let is_shown = |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    let is_directory = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter(move |entry| is_shown(entry) && is_directory(entry)).map(|entry| entry.path())
}

fn to_file(staged: &Staged) -> Option<(&Staged, &PathBuf)> {
    match staged.destination() {
        Destination::File(path) => Some((staged, path)),
        Destination::Stream(_) => None,
    }
}

fn to_stream(staged: &Staged) -> Option<(&Staged, &PathBuf)> {
    match staged.destination() {
        Destination::Stream(path) => Some((staged, path)),
        Destination::File(_) => None,
    }
}

impl Drop for OutputSet {
    fn drop(&mut self) {
        // Temporary directories and locks are in the created ones.
        self.staged.clear();
        self.staging.clear();
        self.locks.clear();
        if !self.is_committed {
            for directory in self.created.iter().rev() {
                // One that is not empty has files of others.
                let _ = fs::remove_dir(directory);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::complete_pending;

    /// Reports and models of a set: `name` is in every file, and `report` and `model` have files that the other lacks.
    fn staged(place: &Path, name: &str) -> OutputSet {
        let (reports, models) = (place.join("reports"), place.join("models"));
        let mut set = OutputSet::open(&[&reports, &models]).expect("opened");
        for file in ["report.html", "charts/roc.svg"] {
            set.stage(&reports.join(file), name.as_bytes()).expect("staged");
        }
        set.stage(&models.join("hitflop.model"), name.as_bytes()).expect("staged");
        set.stage(&reports.join(format!("{name}.csv")), name.as_bytes()).expect("staged");
        for other in ["old", "new"].iter().filter(|other| **other != name) {
            set.remove(reports.join(format!("{other}.csv")));
        }
        set
    }

    /// The names in the files, and every file below.
    fn found(place: &Path) -> (Vec<String>, Vec<String>) {
        fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(directory).expect("readable") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, files)
                } else {
                    files.push(path)
                }
            }
        }
        let mut files = Vec::new();
        walk(place, &mut files);
        files.sort();
        let mut contents: Vec<String> = files.iter().map(|path| fs::read_to_string(path).expect("text")).collect();
        contents.dedup();
        (contents, files.iter().map(|path| path.strip_prefix(place).expect("below").display().to_string()).collect())
    }

    fn files_of(name: &str) -> Vec<String> {
        let mut files =
            ["models/hitflop.model", "reports/charts/roc.svg", "reports/report.html"].map(str::to_owned).to_vec();
        files.push(format!("reports/{name}.csv"));
        files.sort();
        files
    }

    #[test]
    fn a_set_that_is_not_committed_leaves_nothing() {
        let place = tempfile::tempdir().expect("a temporary directory");
        drop(staged(place.path(), "new"));
        assert_eq!(fs::read_dir(place.path()).expect("readable").count(), 0);
    }

    #[test]
    fn a_set_replaces_another_as_a_whole() {
        let place = tempfile::tempdir().expect("a temporary directory");
        for name in ["old", "new"] {
            staged(place.path(), name).commit().expect("committed");
            assert_eq!(found(place.path()), (vec![name.to_owned()], files_of(name)));
        }
    }

    /// As if the process were killed after each step of the commit: the next opens one of the directories.
    #[test]
    fn a_set_is_old_or_new_after_a_kill_at_any_step() {
        // The writing of the journal, then each rename and removal.
        let mut finished = 0;
        for step in 0..8_usize {
            for reader in ["reports", "models"] {
                let place = tempfile::tempdir().expect("a temporary directory");
                staged(place.path(), "old").commit().expect("committed");
                let mut set = staged(place.path(), "new");
                set.lock().expect("locked");
                let journal = set.journal().expect("a journal");
                if step > 0 {
                    journal.write().expect("written");
                }
                let renames = journal.renames.iter().take(step.saturating_sub(1));
                renames.for_each(|(from, to)| fs::rename(from, to).expect("renamed"));
                if step > journal.renames.len() + 1 {
                    fs::remove_file(&journal.removals[0]).expect("removed");
                }
                if step > journal.renames.len() + 2 {
                    // The journal is gone; what leads to it is not.
                    fs::remove_file(place.path().join("reports/.hitflop.journal")).expect("removed");
                }
                // The system releases the locks of a killed process; its files stay.
                let left: Vec<PathBuf> = set.staging.values().map(|it| it.path().to_owned()).collect();
                let kept = place.path().join("kept");
                left.iter().enumerate().for_each(|(index, directory)| copy(directory, &kept.join(index.to_string())));
                drop(set);
                left.iter().enumerate().for_each(|(index, directory)| copy(&kept.join(index.to_string()), directory));
                fs::remove_dir_all(&kept).expect("removed");

                complete_pending(&place.path().join(reader)).expect("finished");
                let name = if step == 0 { "old" } else { "new" };
                drop(OutputSet::open(&[&place.path().join("reports"), &place.path().join("models")]).expect("opened"));
                assert_eq!(found(place.path()), (vec![name.to_owned()], files_of(name)), "step {step}, {reader}");
                finished += usize::from(step > 0);
            }
        }
        assert_eq!(finished, 14);
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a directory");
        for entry in fs::read_dir(from).expect("readable").flatten() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }

    #[test]
    fn outputs_that_are_begun_before_others_are_added_stay_apart() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| place.path().join(name);
        let mut set = OutputSet::open(&[place.path()]).expect("opened");
        let (one, two) = (set.begin(&path("1")).expect("begun"), set.begin(&path("2")).expect("begun"));
        set.stage(&path("3"), b"3").expect("staged");
        for (staged, text) in [(&two, "2"), (&one, "1")] {
            fs::write(staged.path(), text).expect("written");
        }
        set.add(two);
        set.add(one);
        set.commit().expect("committed");
        assert_eq!(["1", "2", "3"].map(|name| fs::read_to_string(path(name)).expect("there")), ["1", "2", "3"]);
    }

    #[test]
    fn outputs_of_one_name_are_refused() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let mut set = OutputSet::open(&[place.path()]).expect("opened");
        set.stage(&place.path().join("a"), b"1").expect("staged");
        set.stage(&place.path().join("b/../a"), b"2").expect("staged");
        let error = set.commit().expect_err("one file");
        assert!(error.is_input() && error.to_string().contains("the same file"), "{error}");
        assert!(!place.path().join("a").exists());
    }

    #[test]
    fn a_file_in_the_place_of_a_directory_is_reported() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let file = place.path().join("reports");
        fs::write(&file, "mine").expect("written");
        let error = OutputSet::open(&[&file]).expect_err("a file");
        assert!(error.to_string().contains("reports"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("still there"), "mine");
    }
}
