//! The routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Extension, Json, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::asker::Asker;
use super::caller;
use super::decision::Decision;
use super::doors::Door;
use super::pages;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::may_lead;
use super::view::approval_view;
use super::{Ask, EventQuery, Held, History, Hub, StoredEvent};
use crate::core::{Approval, ApprovalId, Board, Refusal};

/// Ids are 32 characters long.
const LONGEST_ID: usize = 64;

type Answered = Result<Response, Problem>;

/// Most ended sessions and settled requests in one listing.
const RECENT: u32 = 200;

pub async fn health(State(hub): State<Hub>) -> Json<Value> {
    let about = &hub.about;
    Json(json!({
        "status": if hub.board.borrow().trouble.is_none() { "ok" } else { "trouble" },
        "trouble": hub.board.borrow().trouble,
        "version": env!("CARGO_PKG_VERSION"),
        "pid": std::process::id(),
        "program": about.program,
        "socket": about.socket,
        "port": about.port,
        "started": about.started,
        "quiet_until": *hub.quiet.borrow(),
    }))
}

/// A hook reports. Anything but a refusal for good makes the hook spool it.
pub async fn event(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Answered {
    let (reply, stored) = oneshot::channel();
    let (context, reply) = (context(&headers), reply.into());
    let ask = Ask::Event { context, payload: body.into(), hook: door.process(), spooled: None, reply };
    hub.inbox.send(ask).await.map_err(|_| Problem::stopping())?;
    match stored.await {
        Ok(Ok(())) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(Err(why)) => Err(Problem::new(StatusCode::BAD_REQUEST, why)),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the event could not be stored")),
    }
}

/// A hook asks, and waits for as long as its connection lives.
pub async fn approval(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Answered {
    static CONNECTION: AtomicU64 = AtomicU64::new(0);
    let (reply, held) = oneshot::channel();
    let (context, payload) = (context(&headers), body.into());
    let connection = CONNECTION.fetch_add(1, Ordering::Relaxed);
    let mut waiting = Waiting { hub: hub.clone(), id: id(&context), connection };
    let ask = Ask::Approval { context, payload, connection, hook: door.process(), reply };
    hub.inbox.send(ask).await.map_err(|_| Problem::stopping())?;
    let held = held.await;
    waiting.id = None;
    match held {
        Ok(Held::Print(text)) => Ok(([("content-type", "application/json")], text).into_response()),
        Ok(Held::Malformed(why)) => Err(Problem::new(StatusCode::BAD_REQUEST, why)),
        Ok(Held::Nothing) | Err(_) => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// Dropped when the hook's connection goes away: says so, unless it was answered.
struct Waiting {
    hub: Hub,
    id: Option<ApprovalId>,
    connection: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(approval) = self.id.take() else {
            return;
        };
        let (inbox, connection) = (self.hub.inbox.clone(), self.connection);
        let gone = async move { inbox.send(Ask::HungUp { approval, connection }).await };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(gone);
        }
    }
}

#[derive(Deserialize)]
pub struct SessionQuery {
    #[serde(default)]
    include_ended: Option<String>,
}

pub async fn sessions(State(hub): State<Hub>, query: Result<Query<SessionQuery>, QueryRejection>) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    let board = hub.board.borrow().clone();
    let living = board.by_need().into_iter().filter(|session| session.state != crate::core::State::Ended);
    let mut sessions: Vec<Value> = living.filter_map(|session| serde_json::to_value(session).ok()).collect();
    if matches!(query.include_ended.as_deref(), Some("1" | "true")) {
        sessions.extend(stored(&hub, |history| history.ended_sessions(RECENT)).await?);
    }
    Ok(Json(json!({ "sessions": sessions })).into_response())
}

pub async fn events(State(hub): State<Hub>, query: Result<Query<EventQuery>, QueryRejection>) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    let events = stored(&hub, move |history| history.events(&query)).await?;
    let events: Vec<Value> = events.iter().map(StoredEvent::told).collect();
    Ok(Json(json!({ "events": events })).into_response())
}

#[derive(Deserialize)]
pub struct ApprovalQuery {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

pub async fn approvals(State(hub): State<Hub>, query: Result<Query<ApprovalQuery>, QueryRejection>) -> Answered {
    let Query(query) = query.map_err(|error| bad(&error))?;
    let approvals = match query.state.as_deref() {
        None | Some("pending") => pending(&hub.board.borrow()),
        Some("all") => stored(&hub, move |history| history.approvals(query.limit.unwrap_or(RECENT))).await?,
        Some(_) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "state is `pending` or `all`"));
        }
    };
    Ok(Json(json!({ "approvals": approvals })).into_response())
}

pub async fn approval_by_id(State(hub): State<Hub>, id: Result<Path<String>, PathRejection>) -> Answered {
    let (id, board) = (named(id)?, hub.board.borrow().clone());
    if let Some(approval) = board.approvals.get(&id) {
        return Ok(Json(approval_view(&board, approval)).into_response());
    }
    let found = stored(&hub, move |history| history.approval(&id.0)).await?;
    Ok(Json(found.ok_or_else(unknown)?).into_response())
}

/// The one route that decides.
pub async fn decide(
    State(hub): State<Hub>,
    Asker { door, by }: Asker,
    id: Result<Path<String>, PathRejection>,
    Payload(body): Payload,
) -> Answered {
    let Decision { shown, answer, rule } = Decision::read(&body)?;
    let approval = named(id)?;
    may_decide(&hub, door, &approval).await?;
    let (reply, decided) = oneshot::channel();
    let ask = Ask::Decide { approval, shown, answer, rule, by, reply };
    stands(&hub, ask, decided).await
}

/// Somebody fills in what an MCP server asks for: it is held for them.
pub async fn filling(
    State(hub): State<Hub>,
    Extension(door): Extension<Door>,
    id: Result<Path<String>, PathRejection>,
) -> Answered {
    let approval = named(id)?;
    may_decide(&hub, door, &approval).await?;
    let (reply, kept) = oneshot::channel();
    stands(&hub, Ask::Filling { approval, reply }, kept).await
}

/// Asks the engine for something about a request: how that stands then.
async fn stands(hub: &Hub, ask: Ask, told: oneshot::Receiver<Result<Arc<Approval>, Refusal>>) -> Answered {
    hub.inbox.send(ask).await.map_err(|_| Problem::stopping())?;
    let board = hub.board.borrow().clone();
    match told.await.map_err(|_| Problem::stopping())? {
        Ok(approval) => Ok(Json(approval_view(&board, &approval)).into_response()),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// Only a daemon that takes over asks this, from the same machine and user.
pub async fn shutdown(State(hub): State<Hub>, Extension(door): Extension<Door>) -> Answered {
    if !matches!(door, Door::Unix { .. }) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "only over the Unix socket"));
    }
    may_lead(&hub, door).await?;
    hub.inbox.send(Ask::Shutdown).await.map_err(|_| Problem::stopping())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What the guard has not answered as a page.
pub async fn no_such_route(uri: Uri) -> Response {
    if uri.path() == "/" || pages::find(uri.path()).is_some() {
        return ([(header::ALLOW, "GET,HEAD")], no_such_method().await).into_response();
    }
    Problem::new(StatusCode::NOT_FOUND, "there is no such route").into_response()
}

pub async fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this route answers the methods that the Allow header names")
}

pub(super) async fn may_decide(hub: &Hub, door: Door, approval: &ApprovalId) -> Result<(), Problem> {
    let board = hub.board.borrow().clone();
    let Some(why) = look(door, board).await else {
        return Ok(());
    };
    tracing::warn!("a decision on {approval} was refused: {why}");
    let refused = Ask::Refused { approval: Some(approval.clone()), why: why.clone() };
    hub.inbox.send(refused).await.map_err(|_| Problem::stopping())?;
    let detail = format!("{why}, and may not decide: answer in the popup, or from a terminal of your own");
    Err(Problem::new(StatusCode::FORBIDDEN, detail))
}

/// Why a process may not decide, nor be believed about what somebody decided; `None` when it may.
pub async fn fenced(pid: Option<u32>, board: Arc<Board>) -> Option<String> {
    look(Door::Unix { pid }, board).await
}

/// Looks at the caller on a thread that may block.
pub(super) async fn look(door: Door, board: Arc<Board>) -> Option<String> {
    let looked = tokio::task::spawn_blocking(move || caller::why_not(door, &board)).await;
    looked.unwrap_or_else(|_| Some("it cannot be told which process asks".into()))
}

pub(super) fn refused(refusal: &Refusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        Refusal::Unknown => unknown(),
        Refusal::Settled(settled) => {
            let by = json!({ "state": "settled", "outcome": settled.outcome, "by": settled.by });
            Problem::new(StatusCode::CONFLICT, detail).with("approval", by)
        }
        Refusal::NoSession => Problem::new(StatusCode::NOT_FOUND, detail),
        Refusal::Changed | Refusal::Gone | Refusal::Lives => Problem::new(StatusCode::CONFLICT, detail),
        Refusal::NeedsInput
        | Refusal::NotOffered
        | Refusal::NotAlike
        | Refusal::BadRule(_)
        | Refusal::NeedsContent
        | Refusal::NoForm
        | Refusal::Content(_) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
        Refusal::Elsewhere(_) => Problem::new(StatusCode::FORBIDDEN, detail),
    }
}

pub(super) fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such request: GET /approvals lists those that wait")
}

/// The request that a path names. What can be no id goes no further: not into the log, not into the audit.
pub(super) fn named(id: Result<Path<String>, PathRejection>) -> Result<ApprovalId, Problem> {
    id.ok().map(|Path(id)| id).ok_or_else(unknown).and_then(approval_named)
}

/// The request of that id, which need not be there.
pub(super) fn approval_named(id: String) -> Result<ApprovalId, Problem> {
    let plausible = id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plausible.then(|| ApprovalId(id.into())).ok_or_else(unknown)
}

pub(super) fn bad(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, error.to_string())
}

fn pending(board: &Board) -> Vec<Value> {
    let views = board.pending().into_iter().map(|approval| approval_view(board, approval));
    views.filter_map(|view| serde_json::to_value(view).ok()).collect()
}

/// Reads from the store on a thread that may block.
pub(super) async fn stored<T, F>(hub: &Hub, how: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&dyn History) -> Result<T, String> + Send + 'static,
{
    let history = Arc::clone(&hub.history);
    let read = tokio::task::spawn_blocking(move || how(&*history)).await;
    let read = read.map_err(|_| Problem::stopping())?;
    read.map_err(|why| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why))
}

fn context(headers: &HeaderMap) -> String {
    headers.get("ccmon-context").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The id in a hook's context.
fn id(context: &str) -> Option<ApprovalId> {
    let context: Value = serde_json::from_str(context).ok()?;
    Some(ApprovalId(context.get("id")?.as_str()?.into()))
}
