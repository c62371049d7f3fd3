//! One rule, ready to be compared.

use super::cover::Looked;
use super::input::{self, Input};
use super::judge::{Call, Strictness};
use super::loose::Net;
use super::pattern::{BadPattern, Pattern};
use super::risk::Place;
use super::route::Route;
use super::shell::Simple;
use super::{Action, Kind, Rule};

/// A rule and its patterns.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// As it was written.
    pub rule: Rule,
    /// For commands that it may let run.
    words: Pattern,
    /// For commands that it may stop.
    pub net: Net,
    /// For everything else; a rule about the shell alone has none.
    text: Option<Pattern>,
    folder: Option<Folder>,
}

/// A glob over folders.
#[derive(Clone, Debug)]
struct Folder {
    glob: Pattern,
    /// Of `~/code/shop/**`, the folder itself: people mean it too.
    itself: Option<Pattern>,
}

impl Folder {
    fn compile(glob: &str) -> Result<Self, BadPattern> {
        let itself = glob.strip_suffix("/**").filter(|folder| !folder.is_empty());
        let itself = itself.map(|folder| Pattern::compile(Kind::Glob, folder, false)).transpose()?;
        Ok(Self { glob: Pattern::compile(Kind::Glob, glob, false)?, itself })
    }

    fn matches(&self, folder: &str) -> bool {
        self.glob.matches_text(folder) || self.itself.as_ref().is_some_and(|itself| itself.matches_text(folder))
    }
}

impl Compiled {
    /// Compiles a rule.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn new(rule: &Rule) -> Result<Self, BadPattern> {
        let folder = rule.cwd.as_deref().map(Folder::compile).transpose()?;
        let text = (rule.tool != "Bash").then(|| Pattern::compile(rule.kind, &rule.pattern, false));
        Ok(Self {
            words: Pattern::compile(rule.kind, &rule.pattern, true)?,
            net: Net::compile(rule.kind, &rule.pattern)?,
            text: text.transpose()?,
            folder,
            rule: rule.clone(),
        })
    }

    /// Whether it speaks about this tool, and about a folder that the call may come to be in.
    #[must_use]
    pub fn is_in_scope(&self, call: &Call<'_>) -> bool {
        let tool = match self.rule.tool.strip_suffix('*') {
            Some("") => true,
            Some(prefix) => prefix.starts_with("mcp__") && call.tool.starts_with(prefix),
            None => self.rule.tool == call.tool,
        };
        let here = || call.place.cwd.as_str();
        let near = |folder: &Folder| call.tool == "Bash" || !here().is_empty() && folder.matches(here());
        let mine = self.rule.lasts.session().is_none_or(|session| session == call.session);
        tool && mine && self.folder.as_ref().is_none_or(near)
    }

    /// Whether the line comes to a folder that it speaks about.
    #[must_use]
    pub fn is_near(&self, route: &Route) -> bool {
        let near = |folder: &Folder| route.leaves || route.folders.iter().any(|at| folder.matches(at));
        self.folder.as_ref().is_none_or(near)
    }

    /// Whether it lets a command run, wherever the line goes.
    #[must_use]
    pub fn allows(&self, command: &Simple, looked: &Looked<'_>, route: &Route, place: &Place) -> bool {
        let near = |folder: &Folder| !route.leaves && route.folders.iter().all(|at| folder.matches(at));
        !command.argv.is_empty() && looked.is_covered(&self.words, place) && self.folder.as_ref().is_none_or(near)
    }

    /// A literal rule that is the whole command, byte for byte, where it was meant to run.
    #[must_use]
    pub fn is_whole(&self, call: &Call<'_>) -> bool {
        let text = input::main(call.tool, call.input, call.place);
        let here = self.folder.as_ref().is_none_or(|folder| folder.matches(&call.place.cwd));
        self.rule.kind == Kind::Literal && here && text.is_some_and(|text| text == self.rule.pattern)
    }

    /// Whether it speaks about this input of another tool than the shell.
    #[must_use]
    pub fn says(&self, input: &Input, place: &Place) -> bool {
        let glob = self.rule.kind == Kind::Glob;
        if glob && self.rule.pattern == "*" {
            return true;
        }
        match input {
            // A host's name has dots where a path has slashes: `*.example.org` stops at none of them.
            Input::Host(host) if glob => host_matches(&self.rule.pattern, host),
            Input::Path(path) => self.matches_text(path) || self.is_relative(path, place),
            Input::Host(text) | Input::Text(text) => self.matches_text(text),
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        self.text.as_ref().is_some_and(|pattern| pattern.matches_text(text))
    }

    /// `src/**` is below the project, `~/notes/*` below the home.
    fn is_relative(&self, path: &str, place: &Place) -> bool {
        let pattern = self.rule.pattern.as_str();
        let below = |dir: &str| if dir.is_empty() { None } else { path.strip_prefix(dir)?.strip_prefix('/') };
        match pattern.strip_prefix("~/") {
            Some(_) => below(&place.home).is_some_and(|rest| self.matches_text(&format!("~/{rest}"))),
            None if pattern.starts_with('/') => false,
            None => below(&place.project).is_some_and(|rest| self.matches_text(rest)),
        }
    }

    /// How strict it is.
    #[must_use]
    pub fn strictness(&self) -> Strictness {
        match self.rule.action {
            Action::Allow => Strictness::Allow,
            Action::Ask => Strictness::Ask,
            Action::Deny { .. } => Strictness::Deny,
        }
    }
}

/// `example.org` is that host; `*.example.org` is every host below it.
fn host_matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches("/*");
    let pattern = pattern.strip_prefix("domain:").unwrap_or(pattern).to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(domain) if domain.contains('*') => false,
        Some(domain) => host.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        None => host == pattern,
    }
}
