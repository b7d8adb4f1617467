//! The settings in force: the library's defaults, under `hitflop.toml`, under the environment, under flags.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::flags::{ConfigFile, Flags, ProgramArgs};
use super::print;
use super::serve::options::ServeOptions;
use hitflop::pipeline::{check_files, DataOptions, LearnOptions, OutputOptions, SelectionOptions};
use hitflop_core::error::{Error, Fault, Place, Reason};

/// The file that is read if no other is named.
const CONFIG_FILE: &str = "hitflop.toml";
const MAX_THREADS: usize = 1024;

/// Flags of every sub-command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Program")]
pub struct GlobalArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// Read settings from FILE [default: hitflop.toml, if it exists]
    #[arg(long, global = true, env = "HITFLOP_CONFIG", hide_env = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the settings as a configuration file, and exit
    #[arg(long, global = true)]
    print_config: bool,
}

/// Options of the program itself.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProgramOptions {
    /// Number of threads; 0 means one per processor.
    pub threads: usize,
    pub quiet: bool,
    pub json: bool,
}

/// All settings.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settings {
    #[serde(flatten)]
    pub program: ProgramOptions,
    #[serde(flatten)]
    pub data: DataOptions,
    #[serde(flatten)]
    pub output: OutputOptions,
    #[serde(flatten)]
    pub selection: SelectionOptions,
    #[serde(flatten)]
    pub learn: LearnOptions,
    pub serve: ServeOptions,
    /// The configuration file that was read.
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

impl Settings {
    /// Resolves the flags of a sub-command over the environment over the configuration file over the defaults, and applies the
    /// number of threads. With `--print-config` prints the settings instead and returns none.
    pub fn resolve(global: GlobalArgs, flags: &[&dyn Flags]) -> Result<Option<Settings>> {
        let is_printed = global.print_config;
        let settings = Settings::merge(global, flags)?;
        if is_printed {
            print::text(toml::to_string(&settings)?.as_bytes())?;
            return Ok(None);
        }
        settings.program.apply_threads()?;
        Ok(Some(settings))
    }

    fn merge(global: GlobalArgs, flags: &[&dyn Flags]) -> Result<Settings> {
        let mut settings = Settings { config: config_file(global.config), ..Settings::default() };
        read_config(settings.config.as_deref())?.apply(&mut settings);
        settings.serve.use_address();
        flags.iter().for_each(|flags| flags.apply(&mut settings));
        global.program.apply(&mut settings);
        settings.serve.use_address();
        settings.selection.check()?;
        settings.learn.check()?;
        settings.program.check()?;
        settings.serve.check()?;
        settings.refuse_config_as_output()?;
        Ok(settings)
    }
}

impl Settings {
    /// The union is the only output that is a file and a setting.
    fn refuse_config_as_output(&self) -> Result<()> {
        let processed = &self.output.processed;
        // A directory is reported as the value of its setting, where it matters.
        let outputs = if processed.is_dir() { &[][..] } else { std::slice::from_ref(processed) };
        Ok(check_files(self.config.as_slice(), outputs)?)
    }
}

impl ProgramOptions {
    fn check(&self) -> Result<()> {
        if self.threads <= MAX_THREADS {
            return Ok(());
        }
        Err(invalid("threads", format!("expected a number from 0 to {MAX_THREADS}"), Some(self.threads.to_string())))
    }

    /// The thread pools of Polars and rayon are made at their first use, which is later.
    fn apply_threads(&self) -> Result<()> {
        if self.threads > 0 {
            std::env::set_var("POLARS_MAX_THREADS", self.threads.to_string());
            let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
            pool.build_global().with_context(|| {
                let threads = self.threads;
                format!("{threads} threads cannot be started; raise the limit of processes (ulimit -u) or set --threads to a lower number")
            })?;
        }
        Ok(())
    }
}

/// An error about the value of a flag or setting.
pub fn invalid(name: &str, rule: impl Into<String>, value: Option<String>) -> anyhow::Error {
    let fault = Fault::new(Place::setting(name), Reason::Setting, rule);
    Error::input(Fault { value, ..fault }).into()
}

fn config_file(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| Path::new(CONFIG_FILE).is_file().then(|| PathBuf::from(CONFIG_FILE)))
}

fn read_config(path: Option<&Path>) -> Result<ConfigFile> {
    let Some(path) = path else { return Ok(ConfigFile::default()) };
    let refused = |rule: String| {
        let place = Place::file(path.display().to_string());
        Error::input(Fault::new(place, Reason::Setting, rule))
    };
    let text = fs::read_to_string(path).map_err(|error| refused(format!("expected a readable file: {error}")))?;
    Ok(toml::from_str(&text).map_err(|error| refused(error.to_string().trim_end().to_owned()))?)
}
