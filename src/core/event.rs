//! The three tenses: what is asked of the core, what happened, what is to be done.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Answer, ApprovalId, Assessed, Assessment, By, ClientStatus, HookCall, Limits, ProcessId, RuleRef, SessionKey,
    Settled, State, Time, Watched,
};

/// Asked of the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A hook reported and went.
    Hook(HookCall),
    /// A hook reported a `PermissionRequest` or an `Elicitation` and waits for the answer; also when it comes
    /// back under the same id after a lost connection.
    Request(HookCall),
    /// The same, and what is known of its danger and by the rules.
    Judged(HookCall, Box<Assessment>),
    /// The user paused the rules, or resumed them.
    PauseRules(bool),
    /// The doors are open after a restart: hooks that wait can come back.
    Listening,
    /// The connection of a waiting hook is gone.
    HungUp(ApprovalId),
    /// Somebody answers a request.
    Decide(Decide),
    /// Somebody fills in what an MCP server asks for.
    Filling(ApprovalId),
    /// Somebody who may not decide, or change something, tried to.
    Refuse {
        /// The request they meant, if it was one.
        approval: Option<ApprovalId>,
        /// Who and why, in words.
        why: String,
    },
    /// ccmon ends: every request goes to its terminal.
    ReleaseAll,
    /// A watched process is gone.
    ProcessGone(ProcessId),
    /// The client's own status file says something.
    Client(Client),
    /// The tail of a session's transcript was read.
    Transcript {
        /// Whose it was when it was asked for.
        session: SessionKey,
        /// Where it is, as [`Effect::Follow`] named it.
        path: String,
        /// What it tells.
        tells: Transcript,
    },
    /// The place of a session was looked up.
    Placed(Placed),
    /// The user says something of a session.
    Mark(SessionKey, Mark),
    /// The user wants nothing of an ended session to be kept.
    Forget(SessionKey),
    /// A request turned out to be stored already, from before it was forgotten: nobody may answer it.
    Replayed(ApprovalId),
    /// Something the user has to know about the daemon itself, or that it is over.
    Trouble(Option<String>),
    /// Other places are looked at, or none any more.
    Watched(Watched),
    /// The user set other limits. Who waits already waits as long as was said.
    Limit(Limits),
    /// The wall clock moved against the monotonic one: it was set, or the machine slept.
    ClockJumped {
        /// By how much, in milliseconds.
        by_ms: i64,
    },
    /// Time has passed: see `Core::deadline`.
    Tick,
}

/// An answer, tied to one request and to what was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Decide {
    /// The request.
    pub approval: ApprovalId,
    /// The hash of what was shown.
    pub shown: String,
    /// The answer.
    pub answer: Answer,
    /// Who.
    pub by: By,
    /// The rule that was made with it.
    pub made: Option<RuleRef>,
}

/// What the client's own `<config>/sessions/PID.json` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// The process the file belongs to, checked to be alive.
    pub process: ProcessId,
    /// Claude's id of the conversation.
    pub session_id: String,
    /// Working directory.
    pub cwd: String,
    /// Status, in versions that tell it.
    pub status: Option<ClientStatus>,
    /// Title of the session, in versions that tell it.
    pub name: Option<String>,
    /// `claude -p`.
    pub headless: bool,
    /// `claude --bg`.
    #[serde(default)]
    pub background: bool,
    /// What it waits for, while its status is [`ClientStatus::Waiting`].
    #[serde(default)]
    pub asks: Option<State>,
    /// Where it writes the conversation, when that file was there.
    #[serde(default)]
    pub transcript: Option<String>,
    /// When the process started.
    #[serde(default)]
    pub started: Time,
    /// Place in tmux in words.
    pub place: Option<String>,
    /// When the status was written.
    pub updated: Time,
}

/// What the tail of a conversation's transcript tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The last entry's own time.
    pub at: Time,
    /// Model of Claude's last message.
    pub model: Option<String>,
    /// When Claude wrote that.
    #[serde(default)]
    pub model_at: Time,
    /// Title: the user's own, else Claude's.
    pub title: Option<String>,
    /// The user's last prompt.
    pub prompt: Option<String>,
    /// Tokens in the context after Claude's last message.
    pub tokens: Option<u64>,
    /// When the user last interrupted a turn, or rejected a tool.
    pub interrupted: Option<Time>,
}

/// What the user says of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Their own label; none takes it away.
    Tag(Option<String>),
    /// Kept at the top.
    Pin(bool),
    /// Hidden until it needs them again.
    Dismiss(bool),
    /// They have looked: how that is known, in words.
    Seen(String),
}

/// Where a session works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// The row.
    pub session: SessionKey,
    /// The directory that was looked at.
    pub cwd: String,
    /// Name of the git root, else of the directory.
    pub project: String,
    /// Branch, or a short commit id.
    pub branch: Option<String>,
    /// Name of the linked worktree, if it is one.
    pub worktree: Option<String>,
}

/// Happened: stored, and folded into the Board.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A hook reported. Stored as it came.
    Hook(HookCall),
    /// A hook waits for an answer. Stored as it came.
    Requested(HookCall),
    /// Something that ccmon itself noticed or did.
    Noted {
        /// When.
        at: Time,
        /// What.
        note: Note,
    },
}

/// Something that ccmon itself noticed or did. Stored as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// A request was settled.
    Settled {
        /// Which.
        approval: ApprovalId,
        /// How.
        settled: Settled,
    },
    /// A request is held longer: somebody is at it.
    Kept {
        /// Which.
        approval: ApprovalId,
        /// Until then.
        until: Time,
    },
    /// What is known of a request's danger, and by the rules.
    Assessed {
        /// Which.
        approval: ApprovalId,
        /// What.
        known: Assessed,
    },
    /// The rules were paused, or resumed. Not stored: the rules are.
    RulesPaused {
        /// Whether they are.
        paused: bool,
    },
    /// Somebody was not allowed to decide, or to change something.
    Refused {
        /// The request they meant, if it was one.
        approval: Option<ApprovalId>,
        /// The row it belongs to.
        session: Option<SessionKey>,
        /// Who and why, in words.
        why: String,
    },
    /// A process is gone.
    ProcessGone(ProcessId),
    /// The client's own status file says something new.
    Client(Client),
    /// The place of a session is known.
    Placed(Placed),
    /// The turn was interrupted in the terminal, where no hook fires.
    Interrupted {
        /// Which session.
        session: SessionKey,
        /// What tells so.
        #[serde(default)]
        evidence: String,
        /// Since when, by the word of what tells it.
        #[serde(default)]
        since: Option<Time>,
        /// It tells that the user did it.
        #[serde(default)]
        by_user: bool,
    },
    /// A dialog stands in the terminal that no hook told of.
    Dialog {
        /// Which session.
        session: SessionKey,
        /// What it asks for.
        asks: State,
    },
    /// The dialogs that stood in the terminal are answered.
    DialogsGone {
        /// Which session.
        session: SessionKey,
    },
    /// The client's status file alone says that it works, or no more. No turn is interrupted by that.
    Busy {
        /// Which session.
        session: SessionKey,
        /// Whether it does.
        on: bool,
    },
    /// Nothing was heard of a working session for longer than the user allows.
    Silent {
        /// Which session.
        session: SessionKey,
    },
    /// The connection that a session of another machine was heard through is gone.
    Unheard {
        /// Which session.
        session: SessionKey,
    },
    /// A session without a known process was heard of long ago, and many since.
    Forgotten {
        /// Which session.
        session: SessionKey,
    },
    /// The user wants nothing of an ended session to be kept. Not stored: so it is.
    Removed {
        /// Which session.
        session: SessionKey,
    },
    /// The tail of a transcript told something new. Not stored: it can be read again.
    Transcript {
        /// Which session.
        session: SessionKey,
        /// What it tells.
        tells: Transcript,
    },
    /// The user said something of a session.
    Marked {
        /// Which session.
        session: SessionKey,
        /// What.
        mark: Mark,
    },
    /// The wall clock moved against the monotonic one: who waits, waits as long as before.
    ClockJumped {
        /// By how much, in milliseconds.
        by_ms: i64,
    },
    /// Something the user has to know about the daemon itself.
    Trouble {
        /// In words; `None` when it is over.
        text: Option<String>,
    },
}

/// To be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell the waiting hook, once the events before it are durable. [`Answer::Release`] lets it go.
    Answer(ApprovalId, Answer),
    /// Say when this process is gone.
    Watch(ProcessId),
    /// Look up project, branch and worktree.
    Place(SessionKey, String),
    /// Watch this config directory's status files, when the hook named one.
    WatchConfig(String),
    /// Follow this session's transcript, instead of another that was followed for it.
    Follow(SessionKey, String),
    /// Follow it no longer.
    Unfollow(SessionKey),
}

/// Why a decision was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No such request.
    Unknown,
    /// No such session.
    NoSession,
    /// The session has not ended.
    Lives,
    /// The first answer won.
    Settled(Box<Settled>),
    /// Nobody is there to hear the answer.
    Gone,
    /// What was looked at is not what is asked.
    Changed,
    /// Claude Code ignores a bare yes to a question or plan.
    NeedsInput,
    /// Only what Claude offered may be remembered.
    NotOffered,
    /// Together are decided only permissions for the very same, none of high risk.
    NotAlike,
    /// The rule that was to be made with it cannot be: why, in words.
    BadRule(String),
    /// What an MCP server asks for is entered, or refused without a word.
    NeedsContent,
    /// Only an MCP server's question takes what is entered.
    NoForm,
    /// Why what was entered is not what the MCP server asks for.
    Content(String),
    /// The user wants decisions to come from these places alone.
    Elsewhere(Vec<By>),
}

impl Refusal {
    /// Why somebody at that place decides nothing, when decisions come from these alone.
    #[must_use]
    pub fn elsewhere(places: &[By], by: By) -> Option<Self> {
        let fenced = by.place().is_some() && !places.is_empty() && !places.contains(&by);
        fenced.then(|| Self::Elsewhere(places.to_vec()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadRule(why) => return write!(f, "nothing was decided, as the rule was refused: {why}"),
            Self::NotAlike => {
                "nothing was decided: only permissions for the very same, none of high risk, are decided together"
            }
            Self::Unknown => "there is no such request",
            Self::NoSession => "there is no such session",
            Self::Lives => "the session has not ended: end it first",
            Self::Gone => "the hook that asked is gone or out of time: the terminal has the question",
            Self::Settled(_) => "the request is already settled, the first answer won",
            Self::Changed => "what was shown is not what is asked: look again",
            Self::NeedsInput => "a question or plan needs its answer in updated_input: Claude ignores a bare allow",
            Self::NotOffered => "updated_permissions holds something that Claude did not offer",
            Self::NeedsContent => {
                "an MCP server's question takes `content` with allow, and neither `message` nor `interrupt` with deny"
            }
            Self::NoForm => "`content` and `cancel` answer an MCP server's question, and this is none",
            Self::Content(why) => why,
            Self::Elsewhere(places) => {
                let places: Vec<_> = places.iter().filter_map(|by| by.place()).collect();
                return write!(f, "decisions come from {} only: `approvals.decide_from` says so", places.join(" or "));
            }
        })
    }
}
