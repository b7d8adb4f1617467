//! `hitflop completions`: completion scripts of shells, and the manual pages.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::settings::{invalid, GlobalArgs, Settings};
use super::{print, Cli};
use hitflop_core::disk;

/// Print the completion script of a shell, or write the manual pages
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    hitflop completions bash > ~/.local/share/bash-completion/completions/hitflop\n  \
    hitflop completions zsh > ~/.zfunc/_hitflop\n  \
    hitflop completions man --output man/    one page for each command")]
pub struct CompletionsArgs {
    /// What to print
    #[arg(value_enum, value_name = "SHELL|man")]
    kind: CompletionKind,
    /// Directory for the manual pages, which is created; needed for `man`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CompletionKind {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
    /// Manual pages of hitflop and of each command (roff)
    Man,
}

impl CompletionKind {
    fn shell(self) -> Option<Shell> {
        match self {
            CompletionKind::Bash => Some(Shell::Bash),
            CompletionKind::Elvish => Some(Shell::Elvish),
            CompletionKind::Fish => Some(Shell::Fish),
            CompletionKind::Powershell => Some(Shell::PowerShell),
            CompletionKind::Zsh => Some(Shell::Zsh),
            CompletionKind::Man => None,
        }
    }
}

pub fn execute(global: GlobalArgs, args: CompletionsArgs) -> Result<()> {
    if Settings::resolve(global, &[])?.is_none() {
        return Ok(());
    }
    match (args.kind.shell(), &args.output) {
        (Some(shell), None) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "hitflop", &mut script);
            print::text(&script)
        }
        (Some(_), Some(_)) => {
            Err(invalid("output", "is for manual pages only; redirect the script of a shell to a file", None))
        }
        (None, Some(directory)) => write_manual(directory),
        (None, None) => Err(invalid("output", "expected a directory for the manual pages", None)),
    }
}

/// `hitflop.1` and a page for each command, `hitflop-run.1` and `hitflop-model-show.1` among them.
fn write_manual(directory: &Path) -> Result<()> {
    let mut command = without_help_commands(Cli::command());
    command.build();
    write_pages(&command, directory)
}

/// `help` has no page, and none names one.
fn without_help_commands(command: clap::Command) -> clap::Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help_commands)
}

fn write_pages(command: &clap::Command, directory: &Path) -> Result<()> {
    // The name with which a page is found: `man hitflop-run`.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let source = concat!("hitflop ", env!("CARGO_PKG_VERSION"));
    let page = clap_mangen::Man::new(command.clone()).title(name).source(source);
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    disk::write_whole(&directory.join(format!("{name}.1")), &roff)?;
    command.get_subcommands().try_for_each(|command| write_pages(command, directory))
}
