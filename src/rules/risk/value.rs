//! What there is to say about the danger of a request, as values for the window, the log and the rules.

use serde::{Deserialize, Serialize};

use crate::rules::shell::Span;

/// How much care a request needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing is lost, sent or changed.
    #[default]
    Low,
    /// Something changes, or is not known.
    Medium,
    /// Something may be lost, leak or run unseen.
    High,
}

/// What kind of thing a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Reads what is not part of the project.
    Read,
    /// Reads or changes a key, token or password.
    Secret,
    /// Writes a file.
    Write,
    /// Removes files.
    Delete,
    /// Builds or tests, which runs the project's own code.
    Build,
    /// Asks another machine for something.
    NetworkRead,
    /// Sends something to another machine.
    Upload,
    /// Installs software.
    PackageInstall,
    /// Changes the local repository.
    GitLocal,
    /// Changes a remote repository.
    GitRemote,
    /// Changes a service, a cloud account or a database.
    RemoteChange,
    /// Rights, owners, processes, services, disks, the firewall.
    Privilege,
    /// Runs code that is given as text or made on the way.
    Interpreter,
    /// Starts or enters a container.
    Container,
    /// Reaches what decides about requests: ccmon, Claude's settings, the terminal, the desktop.
    ControlPlane,
    /// Text that does not look like what it is.
    Deception,
    /// The line could not be read with certainty.
    Unparsed,
    /// Part of it is only known when it runs.
    Dynamic,
    /// A program or tool that is not known here.
    Unknown,
    /// Harmless alone, dangerous together.
    Combination,
}

/// How far the effect reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The project's own files.
    Project,
    /// Files for passing use: `/tmp` and the like.
    Temporary,
    /// The rest of this machine.
    Machine,
    /// Other machines.
    Remote,
    /// Not known before it runs.
    Unknown,
}

/// One thing to know before deciding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its kind.
    pub category: Category,
    /// How much care it needs.
    pub level: Level,
    /// Bytes of the shown text, on character boundaries.
    pub span: Span,
    /// One plain sentence.
    pub text: String,
    /// Whether it can be undone; `None` when that depends.
    pub reversible: Option<bool>,
    /// How far it reaches.
    pub scope: Scope,
}

impl Finding {
    /// A finding; what can be undone and how far it reaches follow from its kind until told otherwise.
    #[must_use]
    pub fn new(category: Category, level: Level, span: &Span, text: impl Into<String>) -> Self {
        let (reversible, scope) = usual(category);
        Self { category, level, span: span.clone(), text: text.into(), reversible, scope }
    }

    /// Says whether it can be undone.
    #[must_use]
    pub fn undo(mut self, reversible: bool) -> Self {
        self.reversible = Some(reversible);
        self
    }

    /// Says how far it reaches.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// Whether things of this kind can usually be undone, and how far they usually reach.
fn usual(category: Category) -> (Option<bool>, Scope) {
    match category {
        Category::Read | Category::NetworkRead => (Some(true), Scope::Machine),
        Category::Delete => (Some(false), Scope::Project),
        Category::Upload | Category::RemoteChange => (Some(false), Scope::Remote),
        Category::GitRemote => (None, Scope::Remote),
        Category::Write | Category::GitLocal | Category::Build => (None, Scope::Project),
        // What was read is known from then on; what was changed may have a copy.
        Category::Secret
        | Category::PackageInstall
        | Category::Privilege
        | Category::Container
        | Category::ControlPlane => (None, Scope::Machine),
        Category::Interpreter
        | Category::Deception
        | Category::Unparsed
        | Category::Dynamic
        | Category::Unknown
        | Category::Combination => (None, Scope::Unknown),
    }
}

/// The danger of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// The highest of the findings; low when there is none.
    pub level: Level,
    /// What there is to know, in the order of the text.
    pub findings: Vec<Finding>,
    /// `false` when anything in it cannot be undone, `true` when all of it can, else not known.
    pub reversible: Option<bool>,
    /// An allow rule may answer it: nothing in it reaches the control plane, is dynamic, unknown or
    /// could not be read. High risk asks more of the rule; that is the rule's business.
    pub automatic: bool,
    /// It reaches what decides about requests.
    pub control_plane: bool,
}

/// More findings than that help nobody; those of the lowest level go first.
const MOST: usize = 100;

impl Risk {
    /// Sums the findings up.
    #[must_use]
    pub fn of(mut findings: Vec<Finding>) -> Self {
        let all = Self::flags(&findings);
        findings.sort_by_key(|f| std::cmp::Reverse(f.level));
        findings.truncate(MOST);
        findings.sort_by(|a, b| (a.span.start, a.span.end, b.level).cmp(&(b.span.start, b.span.end, a.level)));
        findings.dedup_by(|a, b| a.span == b.span && a.category == b.category && a.text == b.text);
        let level = findings.iter().map(|f| f.level).max().unwrap_or_default();
        Self { level, findings, ..all }
    }

    /// All but the findings, from every one of them.
    fn flags(findings: &[Finding]) -> Self {
        let has = |wanted: &[Category]| findings.iter().any(|f| wanted.contains(&f.category));
        let control_plane = has(&[Category::ControlPlane]);
        let automatic =
            !control_plane && !has(&[Category::Unparsed, Category::Dynamic, Category::Unknown, Category::Deception]);
        let reversible = if findings.iter().any(|f| f.reversible == Some(false)) {
            Some(false)
        } else {
            findings.iter().all(|f| f.reversible == Some(true)).then_some(true)
        };
        Self { reversible, automatic, control_plane, ..Self::default() }
    }
}
