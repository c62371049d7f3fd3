//! The routes about rules.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::{Semaphore, oneshot};

use super::asker::Asker;
use super::payload::Payload;
use super::problem::Problem;
use super::sessions::{may_lead, read};
use super::settings::not_from_there;
use super::{Ask, Hub, RuleEdit, Rulebook};
use crate::rules::{self, Rule};

type Answered = Result<Response, Problem>;
type Id = Result<Path<i64>, PathRejection>;

pub async fn list(State(hub): State<Hub>) -> Answered {
    Ok(Json(ask(&hub, |rules| Ok(rules.list())).await?).into_response())
}

pub async fn add(State(hub): State<Hub>, asker: Asker, Payload(body): Payload) -> Answered {
    let (mut keys, position) = keys(&body)?;
    keys.entry("name").or_insert_with(|| Value::String(String::new()));
    let rule = rule(keys)?;
    let ids = edit(&hub, asker, RuleEdit::Add { rule, position }).await?;
    Ok((StatusCode::CREATED, Json(one(&hub, ids).await?)).into_response())
}

pub async fn change(State(hub): State<Hub>, asker: Asker, id: Id, Payload(body): Payload) -> Answered {
    let id = named(id)?;
    let (patch, position) = keys(&body)?;
    known(&hub, id).await?;
    let ids = edit(&hub, asker, RuleEdit::Change { id, patch, position }).await?;
    Ok(Json(one(&hub, ids).await?).into_response())
}

pub async fn remove(State(hub): State<Hub>, asker: Asker, id: Id) -> Answered {
    let id = named(id)?;
    known(&hub, id).await?;
    edit(&hub, asker, RuleEdit::Remove(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn pause(State(hub): State<Hub>, asker: Asker) -> Answered {
    edit(&hub, asker, RuleEdit::Pause(true)).await?;
    Ok(Json(json!({ "paused": true })).into_response())
}

pub async fn resume(State(hub): State<Hub>, asker: Asker) -> Answered {
    edit(&hub, asker, RuleEdit::Pause(false)).await?;
    Ok(Json(json!({ "paused": false })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    toml: String,
    #[serde(default)]
    replace: bool,
}

pub async fn import(State(hub): State<Hub>, asker: Asker, Payload(body): Payload) -> Answered {
    let Import { toml, replace } = read(&body)?;
    let rules = rules::import(&toml).map_err(|error| unusable(error.to_string()))?;
    let ids = edit(&hub, asker, RuleEdit::Import { rules, instead: replace }).await?;
    Ok(Json(json!({ "added": ids.len(), "ids": ids })).into_response())
}

pub async fn export(State(hub): State<Hub>) -> Answered {
    let toml = ask(&hub, |rules| Ok(rules.export())).await?;
    Ok(([("content-type", "text/plain; charset=utf-8")], toml).into_response())
}

pub async fn test(State(hub): State<Hub>, Payload(body): Payload) -> Answered {
    let trying = read(&body)?;
    Ok(Json(weigh(&hub, move |rules| rules.test(trying)).await?).into_response())
}

pub async fn replay(State(hub): State<Hub>, Payload(body): Payload) -> Answered {
    let rule = rule(keys(&body)?.0)?;
    Ok(Json(weigh(&hub, move |rules| rules.replay(rule, Arc::new(|_| true))).await?).into_response())
}

pub async fn preview(State(hub): State<Hub>, Payload(body): Payload) -> Answered {
    let (mut keys, position) = keys(&body)?;
    keys.entry("name").or_insert_with(|| Value::String(String::new()));
    let rule = rule(keys)?;
    Ok(Json(weigh(&hub, move |rules| rules.preview(rule, position)).await?).into_response())
}

pub async fn suggest(State(hub): State<Hub>) -> Answered {
    Ok(Json(weigh(&hub, |rules| rules.suggest()).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promote {
    approval: String,
}

pub async fn promote(State(hub): State<Hub>, Payload(body): Payload) -> Answered {
    let Promote { approval } = read(&body)?;
    let draft = ask(&hub, move |rules| rules.promote(&approval)).await?;
    let why = "there is no such request, or nothing in it that a rule can speak about";
    Ok(Json(draft.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, why))?).into_response())
}

/// Changes the rules, when the caller may: the numbers of what is new or different.
async fn edit(hub: &Hub, Asker { door, by }: Asker, edit: RuleEdit) -> Result<Vec<i64>, Problem> {
    may_lead(hub, door).await?;
    let (reply, done) = oneshot::channel();
    hub.inbox.send(Ask::Rules { edit, by, reply }).await.map_err(|_| Problem::stopping())?;
    match done.await.map_err(|_| Problem::stopping())? {
        Ok(ids) => Ok(ids),
        Err(why) => Err(not_from_there(hub, by, why).await),
    }
}

/// Asks what takes long, which whoever may read may ask: one after the other, so that requests are not kept waiting.
async fn weigh<T, F>(hub: &Hub, how: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&dyn Rulebook) -> Result<T, String> + Send + 'static,
{
    static TURN: Semaphore = Semaphore::const_new(1);
    let turn = TURN.acquire().await.map_err(|_| Problem::stopping())?;
    ask(hub, move |rules| {
        // Until it is done, also when nobody waits for it any more.
        let _turn = turn;
        how(rules)
    })
    .await
}

/// Asks the rulebook, on a thread that may block.
async fn ask<T, F>(hub: &Hub, how: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&dyn Rulebook) -> Result<T, String> + Send + 'static,
{
    let rules = Arc::clone(&hub.rules);
    let asked = tokio::task::spawn_blocking(move || how(&*rules)).await;
    asked.map_err(|_| Problem::stopping())?.map_err(unusable)
}

async fn one(hub: &Hub, ids: Vec<i64>) -> Result<Value, Problem> {
    let id = ids.first().copied().unwrap_or_default();
    ask(hub, move |rules| Ok(rules.rule(id))).await.map(Option::unwrap_or_default)
}

async fn known(hub: &Hub, id: i64) -> Result<(), Problem> {
    ask(hub, move |rules| Ok(rules.rule(id))).await?.map(drop).ok_or_else(unknown)
}

/// The keys of a rule in a body, and its place.
fn keys(body: &[u8]) -> Result<(Map<String, Value>, Option<usize>), Problem> {
    let mut keys: Map<String, Value> = read(body)?;
    let position = match keys.remove("position") {
        None | Some(Value::Null) => None,
        Some(at) => Some(serde_json::from_value(at).map_err(|_| unusable("`position` is a number from 0".into()))?),
    };
    Ok((known_keys(keys)?, position))
}

/// The keys of a rule, when they are only such.
pub(super) fn known_keys(keys: Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    match keys.keys().find(|key| !Rule::KEYS.contains(&key.as_str())) {
        Some(odd) => Err(unusable(format!("a rule has no `{odd}`: it has {}", Rule::KEYS.join(", ")))),
        None => Ok(keys),
    }
}

pub(super) fn rule(mut keys: Map<String, Value>) -> Result<Rule, Problem> {
    keys.entry("lasts").or_insert_with(|| "forever".into());
    serde_json::from_value(Value::Object(keys)).map_err(|error| unusable(format!("this is no rule: {error}")))
}

fn named(id: Id) -> Result<i64, Problem> {
    id.map(|Path(id)| id).map_err(|_| unknown())
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such rule: GET /rules lists those there are")
}

fn unusable(why: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
}
