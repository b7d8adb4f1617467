//! A directory of its own to run the program in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::write;

/// A directory of its own to run the program in.
pub struct WorkDir(TempDir);

impl WorkDir {
    pub fn new() -> WorkDir {
        WorkDir(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        write(self.path(), name, contents)
    }

    pub fn hitflop(&self, arguments: &[&str]) -> Output {
        let mut command = assert_cmd::Command::cargo_bin("hitflop").expect("the program is built");
        command.current_dir(self.path()).args(arguments).output().expect("the program runs")
    }

    /// Runs and gives what `--json` printed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.hitflop(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("JSON on standard output")
    }

    /// Runs, asserts exit code 2 and gives the message.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.hitflop(arguments);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
        message
    }

    /// Every file below the directory, hidden ones too.
    pub fn files(&self) -> Vec<String> {
        fn walk(directory: &Path, root: &Path, found: &mut Vec<String>) {
            // A temporary directory may go while a command runs.
            for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else {
                    found.push(path.strip_prefix(root).expect("below").to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        walk(self.path(), self.path(), &mut found);
        found.sort();
        found
    }
}

/// What the program said on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
