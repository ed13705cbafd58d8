//! What is typed of checking.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory};

use super::{Arguments, Task};
use crate::check::{Fix, Order};
use crate::levels::Levels;
use crate::report::Format;

#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that is typed"
)]
pub(super) struct Check {
    /// Folders of skills, folders of one skill, files of a skill, or `-` for standard input
    ///
    /// Without one: all folders here and upwards in this repository where hosts and installers look for skills.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which file standard input is; it need not be saved
    #[arg(long, value_name = "PATH")]
    stdin_path: Option<PathBuf>,
    #[command(flatten)]
    repairs: Repairs,
    /// How findings are printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Show every finding to a person, and not only as many as one can read
    #[arg(long)]
    all: bool,
    /// Check again after every change
    #[arg(long, conflicts_with_all = ["fix", "stdin_path"])]
    watch: bool,
    /// Only list the skills that would be checked, with the reason for each, and what would be left out
    #[arg(long, conflicts_with_all = ["fix", "stdin_path", "watch"])]
    list: bool,
    /// What the skills are for: spec, portable, claude-upload, mcp or imported
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Do not report what these rules find; a group such as `style` stands for its rules, `warnings` for all that warns
    #[arg(short = 'A', long, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<String>,
    /// Only warn of what these rules find
    #[arg(short = 'W', long, value_name = "RULE", value_delimiter = ',')]
    warn: Vec<String>,
    /// Fail on what these rules find; `warnings` stands for all that warns
    #[arg(short = 'D', long, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<String>,
    /// Print findings only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
struct Repairs {
    /// Do the repairs that are certain
    #[arg(long)]
    fix: bool,
    /// Only show what --fix would do, as a diff
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

impl Repairs {
    fn fix(&self) -> Fix {
        match (self.fix, self.dry_run) {
            (false, _) => Fix::No,
            (true, true) => Fix::DryRun,
            (true, false) => Fix::Yes,
        }
    }
}

const CHECK_EXAMPLES: &str = "Examples:
  cargo skills check skills other-skills    Two folders of skills
  cargo skills check skills/pdf/SKILL.md    What is wrong in one file
  cargo skills check - --stdin-path skills/pdf/SKILL.md < buffer
  cargo skills check --fix --dry-run        The repairs, as a diff
  cargo skills check -D warnings -A broken-link
  cargo skills check --format sarif > skills.sarif";

impl Check {
    pub(super) fn task(self, levels: Levels) -> Result<Task, clap::Error> {
        let is_buffer = self.paths.iter().any(|path| path.as_os_str() == "-");
        if let Some(problem) = self.problem(is_buffer) {
            let mut command = Arguments::command();
            return Err(command.error(ErrorKind::ArgumentConflict, problem));
        }
        if self.list {
            return Ok(Task::List(self.paths));
        }
        let order = Order {
            paths: self.paths,
            buffer: self.stdin_path,
            fix: self.repairs.fix(),
            format: self.format,
            is_everything: self.all,
            levels,
        };
        Ok(if self.watch {
            Task::Watch(order)
        } else {
            Task::Check(order)
        })
    }

    /// What is wrong with standard input among the paths.
    fn problem(&self, is_buffer: bool) -> Option<&'static str> {
        match (is_buffer, &self.stdin_path) {
            (true, None) => Some(
                "`-` needs `--stdin-path PATH`, which says which file of which skill standard input is",
            ),
            (false, Some(_)) => Some("`--stdin-path` is for `-`, which stands for standard input"),
            (true, Some(_)) if self.paths.len() > 1 => {
                Some("`-` is checked alone, without other paths")
            }
            (true, Some(_)) if self.repairs.fix => {
                Some("`--fix` repairs files; standard input is none")
            }
            _ => None,
        }
    }
}
