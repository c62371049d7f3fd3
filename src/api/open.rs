//! Asking the desktop to open something: a request, a session, the dashboard. It never decides anything.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::broadcast;

use super::doors::Door;
use super::payload::Payload;
use super::problem::Problem;
use super::routes::{approval_named, stored};
use super::sessions::{may_lead, named_by, read};
use super::{EventQuery, Hub, Order};
use crate::core::{ApprovalId, SessionKey, State as Stands};

/// How many openings may wait for the windows; whoever asks for more did not look at the first.
const WAITING: usize = 16;
/// Longest leave to take the focus, as a desktop hands it out.
const LONGEST_LEAVE: usize = 512;

/// Something to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// The dashboard, at a session.
    Session(SessionKey),
    /// The popup with a request that waits; the dashboard, at one that is settled.
    Approval(ApprovalId),
    /// The terminal of the session that needs the user most.
    Next,
    /// The popup; off the screen, when it is there already.
    Popup,
    /// The dashboard, where it was left.
    Dashboard,
}

/// Something to open, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What.
    pub what: Open,
    /// The desktop's leave to take the focus: a token of xdg-activation, or a startup id.
    pub leave: Option<String>,
}

impl From<Open> for Opening {
    fn from(what: Open) -> Self {
        Self { what, leave: None }
    }
}

/// The way to whoever shows windows.
#[derive(Clone, Debug)]
pub struct Opens(broadcast::Sender<Opening>);

impl Default for Opens {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
    }
}

impl Opens {
    /// Has something opened: `false` when nobody shows windows.
    pub fn send(&self, opening: impl Into<Opening>) -> bool {
        self.0.send(opening.into()).is_ok()
    }

    /// Whether anybody shows windows.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// What is to be opened from now on, for whoever shows windows.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Opening> {
        self.0.subscribe()
    }
}

/// A body: one of these, and perhaps `activation`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Session(String),
    Approval(String),
    Next(Yes),
    Popup(Yes),
    Dashboard(Yes),
}

#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(said: bool) -> Result<Self, Self::Error> {
        said.then_some(Self).ok_or("what is not to be opened is left out")
    }
}

pub async fn open(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let mut body: Map<String, Value> = read(&body)?;
    let said = body.remove("activation").filter(|leave| !leave.is_null());
    let leave = said.as_ref().map(leave).transpose()?;
    let wanted: Wanted = Wanted::deserialize(Value::Object(body)).map_err(|error| unusable(&error.to_string()))?;
    may_lead(&hub, door).await?;
    let what = wanted.what(&hub).await?;
    match hub.opens.send(Opening { what, leave }) {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::new(StatusCode::CONFLICT, NO_WINDOWS)),
    }
}

const NO_WINDOWS: &str = "this daemon runs without a desktop and has no windows to open: start `ccmon-tray`, which \
                          takes its place, or open the dashboard in a browser with `ccmon web`";

impl Wanted {
    async fn what(self, hub: &Hub) -> Result<Open, Problem> {
        Ok(match self {
            Self::Session(id) => Open::Session(session(hub, id).await?),
            Self::Approval(id) => Open::Approval(approval(hub, id).await?),
            Self::Next(Yes) => Open::Next,
            Self::Popup(Yes) => Open::Popup,
            Self::Dashboard(Yes) => Open::Dashboard,
        })
    }
}

fn unusable(why: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
}

fn leave(said: &Value) -> Result<String, Problem> {
    let why = "`activation` is what a desktop put into XDG_ACTIVATION_TOKEN or DESKTOP_STARTUP_ID";
    said.as_str().filter(|text| is_leave(text)).map(str::to_owned).ok_or_else(|| unusable(why))
}

/// Something of one line that no desktop would choke on.
#[must_use]
pub fn is_leave(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_LEAVE && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The row of a session, by its key or by Claude's id of it: one that runs before those that ended.
async fn session(hub: &Hub, id: String) -> Result<SessionKey, Problem> {
    let key = named_by(&id)?;
    let board = hub.board.borrow().clone();
    if board.sessions.contains_key(&key) {
        return Ok(key);
    }
    let lives = |session: &Arc<crate::core::Session>| session.state != Stands::Ended;
    let mut of_it = board.sessions.values().filter(|session| session.session_id == id);
    if let Some(session) = of_it.clone().find(|session| lives(session)).or_else(|| of_it.next()) {
        return Ok(session.key.clone());
    }
    let query = EventQuery { session_id: Some(id), limit: Some(1), order: Order::Desc, after_id: None };
    let last = stored(hub, move |history| history.events(&query)).await?;
    let event = last.into_iter().next().ok_or_else(super::sessions::unknown)?;
    Ok(SessionKey(event.session.into()))
}

async fn approval(hub: &Hub, id: String) -> Result<ApprovalId, Problem> {
    let id = approval_named(id)?;
    if hub.board.borrow().approvals.contains_key(&id) {
        return Ok(id);
    }
    let name = id.to_string();
    let found = stored(hub, move |history| history.approval(&name)).await?;
    found.map(|_| id).ok_or_else(super::routes::unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leave_is_what_desktops_hand_out() {
        for leave in ["xfce4-panel/ccmon/4711-0-host_TIME123456", "4f1c9b1e-8d5e-4a2f"] {
            assert!(is_leave(leave), "{leave}");
        }
        for odd in ["", "a b", "a\n", "\u{1b}[2J", "é", &"x".repeat(LONGEST_LEAVE + 1)] {
            assert!(!is_leave(odd), "{odd:?}");
        }
    }

    #[test]
    fn whoever_listens_is_told_and_nobody_else() {
        let opens = Opens::default();
        assert!(!opens.send(Open::Next));
        let mut windows = opens.subscribe();
        assert!(opens.send(Open::Popup));
        assert_eq!(windows.try_recv(), Ok(Opening { what: Open::Popup, leave: None }));
    }
}
