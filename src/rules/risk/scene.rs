//! What is gathered while a line is looked at.

use super::call::{Arg, Known};
use super::deception::shown;
use super::paths::{self, Guard, Target};
use super::value::{Category, Finding, Level, Scope};
use super::{Parse, Place};
use crate::rules::shell::Span;

/// What a command contributes to a danger that only the whole line has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Reads a secret.
    Secret,
    /// Talks to another machine.
    Network,
    /// Fetches something; into this file, or onwards.
    Download(Option<String>),
    /// Turns text back into what was hidden in it.
    Decode,
    /// Runs what it is given as input.
    RunsInput,
    /// Runs this file, or makes it runnable.
    RunsFile(String),
}

/// A line of Bash is at most 16 KiB; only one made to be slow needs more than this.
const MOST_WORDS: usize = 6000;

/// Everything found so far in one text.
pub struct Scene<'a> {
    /// The text.
    pub line: &'a str,
    /// Where it runs.
    pub place: &'a Place,
    /// Every folder that it may be in by now.
    pub cwds: Vec<String>,
    /// Reads a shell line.
    pub parse: Parse<'a>,
    /// How many texts this one is inside of.
    pub depth: usize,
    /// How many wrappers the command at hand stands in.
    pub wrapped: usize,
    /// How many more words may be looked at, so that no line keeps the machine busy.
    pub words_left: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Facts, with the index of the command and its place.
    pub facts: Vec<(usize, Span, Fact)>,
}

impl<'a> Scene<'a> {
    /// An empty scene.
    #[must_use]
    pub fn new(line: &'a str, place: &'a Place, parse: Parse<'a>) -> Self {
        let cwds = if place.cwd.is_empty() { Vec::new() } else { vec![place.cwd.clone()] };
        Self {
            line,
            place,
            cwds,
            parse,
            depth: 0,
            wrapped: 0,
            words_left: MOST_WORDS,
            findings: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds a finding of high level.
    pub fn high(&mut self, category: Category, span: &Span, text: impl Into<String>) {
        self.push(Finding::new(category, Level::High, span, text));
    }

    /// Adds a finding of medium level.
    pub fn medium(&mut self, category: Category, span: &Span, text: impl Into<String>) {
        self.push(Finding::new(category, Level::Medium, span, text));
    }

    /// Remembers a fact for the whole line.
    pub fn fact(&mut self, index: usize, span: &Span, fact: Fact) {
        self.facts.push((index, span.clone(), fact));
    }

    /// Where a path leads from here.
    #[must_use]
    pub fn target(&self, path: &str) -> Target {
        paths::target(path, &self.cwds, self.place)
    }

    /// A file is read.
    pub fn read(&mut self, index: usize, arg: &Arg) {
        if arg.text == "-" {
            return;
        }
        let target = self.target(&arg.text);
        let name = shown(&arg.text);
        if target.secret {
            self.fact(index, &arg.span, Fact::Secret);
            self.push(
                Finding::new(
                    Category::Secret,
                    Level::High,
                    &arg.span,
                    format!("Reads {name}, which may hold keys, tokens or passwords."),
                )
                .scope(target.scope),
            );
        } else if matches!(arg.known, Known::Variable | Known::Code) {
            self.medium(Category::Dynamic, &arg.span, "Reads a file whose name is only known when it runs.");
        } else if target.device && !target.public {
            self.high(Category::Privilege, &arg.span, format!("Reads the device {name} itself."));
        } else if matches!(target.scope, Scope::Machine | Scope::Unknown)
            && !target.sink
            && !target.public
            && arg.known == Known::Yes
        {
            let text = format!("Reads {name}, which is outside the project.");
            self.push(Finding::new(Category::Read, Level::Medium, &arg.span, text).scope(target.scope));
        }
    }

    /// A file is written, made or replaced.
    pub fn write(&mut self, arg: &Arg) {
        let target = self.target(&arg.text);
        let name = shown(&arg.text);
        if target.sink || arg.text == "-" {
            return;
        }
        if arg.text.starts_with("/dev/tcp/") || arg.text.starts_with("/dev/udp/") {
            let text = format!("Sends its output to another machine through {name}.");
            return self.high(Category::Upload, &arg.span, text);
        }
        if target.device {
            let text = format!("Writes to the device {name} itself, which can destroy everything on it.");
            return self.push(Finding::new(Category::Privilege, Level::High, &arg.span, text).undo(false));
        }
        let (category, level, text) = match (arg.known, target.scope) {
            _ if target.guard.is_some() => {
                self.findings.extend(guarded(&target, &arg.span, &name));
                return;
            }
            _ if target.secret => {
                let text = format!("Changes {name}, which may hold keys, tokens or passwords.");
                (Category::Secret, Level::High, text)
            }
            (Known::Yes, Scope::Project) => (Category::Write, Level::Medium, format!("Writes {name} in the project.")),
            (Known::Yes, Scope::Temporary) => {
                (Category::Write, Level::Medium, format!("Writes the temporary file {name}."))
            }
            (Known::Yes, Scope::Machine) => {
                (Category::Write, Level::High, format!("Writes {name}, which is outside the project."))
            }
            _ => (Category::Write, Level::High, "Writes to a place that is only known when it runs.".to_owned()),
        };
        self.push(Finding::new(category, level, &arg.span, text).scope(target.scope));
    }

    /// A target of a deletion; `all` when whole folders go, or nothing is asked.
    pub fn delete(&mut self, arg: &Arg, all: Option<&str>) {
        let target = self.target(&arg.text);
        let name = shown(&arg.text);
        let control = target.guard == Some(Guard::Control);
        let (level, text) = if control {
            return self.high(
                Category::ControlPlane,
                &arg.span,
                format!("Deletes {name}, which decides what may run without you."),
            );
        } else if arg.known != Known::Yes {
            (Level::High, "Deletes files whose names are only known when it runs; list them first.".to_owned())
        } else if arg.glob {
            (Level::High, format!("Deletes every file that {name} matches; list them with ls first."))
        } else if let Some(how) = all {
            (Level::High, format!("Deletes {name} {how}, and it cannot be brought back; move it aside instead."))
        } else if target.guard == Some(Guard::Vcs) {
            (Level::High, format!("Deletes {name}, a part of the repository's own history or settings."))
        } else if target.secret {
            (Level::High, format!("Deletes {name}, which may hold keys that exist nowhere else."))
        } else if target.scope >= Scope::Machine || target.device {
            (Level::High, format!("Deletes {name}, which is outside the project."))
        } else {
            (Level::Medium, format!("Deletes the file {name}; moving it aside keeps it."))
        };
        self.push(Finding::new(Category::Delete, level, &arg.span, text).undo(false).scope(target.scope));
    }
}

/// The finding for writing to something that is more than its bytes.
#[must_use]
pub fn guarded(target: &Target, span: &Span, name: &str) -> Option<Finding> {
    let (category, text) = match target.guard? {
        Guard::Control => (Category::ControlPlane, format!("Changes {name}, which decides what may run without you.")),
        Guard::Startup => {
            (Category::Write, format!("Changes {name}, which runs by itself at your next login or shell."))
        }
        Guard::Vcs => (
            Category::Write,
            format!("Changes {name}, the repository's own data, where hooks can run and history can be lost."),
        ),
        Guard::Ci => {
            (Category::Write, format!("Changes {name}, which runs on the build server, perhaps with its secrets."))
        }
        Guard::Editor => {
            (Category::Write, format!("Changes {name}, settings from which an editor may start programs."))
        }
        Guard::Memory => {
            (Category::Write, format!("Changes {name}, which tells every later session of Claude here what to do."))
        }
        Guard::Scripts => (Category::Write, format!("Changes {name}, which later commands of this project run.")),
    };
    Some(Finding::new(category, Level::High, span, text).scope(target.scope))
}
