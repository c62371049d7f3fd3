//! The HTTP API: one set of routes behind two doors, and for the windows of our own process.
//!
//! [`doors`] lets callers in, `crowd` bounds how many, `guard` checks every request, `asker` says whose it is,
//! `caller` keeps what runs inside a Claude session from deciding, `relay` what is only heard of through others, `web` signs browsers in, [`pages`] are files, `frames` are what watchers
//! are told; the others answer. What they need of the rest of the daemon is [`Hub`]; this room imports no other
//! adapter.

mod asker;
mod audit;
mod caller;
mod card;
mod crowd;
mod decision;
pub mod doors;
mod file;
mod frames;
pub mod given;
mod guard;
mod history;
mod house;
mod hub;
mod insight;
mod jobs;
mod lane;
mod live;
mod notifications;
mod offers;
mod open;
pub mod pages;
pub mod past;
mod payload;
mod problem;
mod quiet;
mod relay;
mod routes;
mod rules;
mod sessions;
mod settings;
mod stage;
mod summaries;
mod token;
mod upkeep;
pub mod view;
mod web;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::{Request, Response, Uri};
use axum::middleware;
use axum::routing::{get, patch, post};
use http_body_util::BodyExt;
use tower::ServiceExt;

use doors::{Door, Token};
pub use frames::Frames;
pub use hub::{
    About, Ask, Caller, Cards, Change, EventQuery, Going, Held, History, Hub, Journal, Jumps, Later, NoSummary, Notice,
    Notices, Order, Quieter, Reply, RuleEdit, Rulebook, Standing, StoredEvent, Summaries, Summarized, Summary, Tested,
    Trying, Unsaid, Weighing, Went, Wish,
};
pub use open::{Open, Opening, Opens, is_leave};
pub use relay::carrier;
pub use routes::fenced;
pub use stage::{Comes, Showing, Sight, Stage};
pub use upkeep::{HookEdit, House, Jobs, Looking, Refused, Settings, Step, Work};

/// Largest body, in bytes: the hook sends at most 8 MiB.
const LARGEST_BODY: usize = 9 * 1024 * 1024;

/// Where a code is exchanged for a cookie: the one route that asks no other key of a TCP caller.
const LOGIN: &str = "/login";
/// Largest body there.
const LARGEST_LOGIN: usize = 1_024;

/// The routes. `token` is asked for at the TCP door; without one, that door lets nobody in.
pub fn router(hub: Hub, token: Option<Token>) -> Router {
    let sign_in = web::SignIn::new(token);
    let gate = guard::Gate { sign_in: sign_in.clone(), hub: hub.clone() };
    Router::new()
        .route("/event", post(routes::event))
        .route("/approval", post(routes::approval))
        .route("/healthz", get(routes::health))
        .route("/shutdown", post(routes::shutdown))
        .route("/web/code", post(web::code))
        .route(LOGIN, post(web::login).layer(DefaultBodyLimit::max(LARGEST_LOGIN)))
        .route("/logout", post(web::logout))
        .merge(looks().layer(middleware::from_fn_with_state(hub.clone(), lane::settle)))
        .fallback(routes::no_such_route)
        .method_not_allowed_fallback(routes::no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(Extension(sign_in))
        .layer(middleware::from_fn_with_state(gate, guard::check))
        .with_state(hub)
}

/// What is asked about sessions and what they want: whoever looks sees what hooks told before.
fn looks() -> Router<Hub> {
    Router::new()
        .merge(history::routes())
        .merge(about_rules())
        .merge(about_ccmon())
        .route("/sessions", get(routes::sessions))
        .route("/sessions/{key}/tag", post(sessions::tag))
        .route("/sessions/{key}/pin", post(sessions::pin))
        .route("/sessions/{key}/dismiss", post(sessions::dismiss))
        .route("/sessions/{key}/seen", post(sessions::seen))
        .route("/sessions/{key}/jump", post(sessions::jump))
        .route("/sessions/{key}/summary", get(summaries::look).post(summaries::ask))
        .route("/open", post(open::open))
        .route("/next", post(sessions::next))
        .route("/back", post(sessions::back))
        .route("/events", get(routes::events))
        .route("/approvals", get(routes::approvals))
        .route("/approvals/{id}", get(routes::approval_by_id))
        .route("/approvals/{id}/card", get(card::card))
        .route("/approvals/{id}/decision", post(routes::decide))
        .route("/approvals/{id}/filling", post(routes::filling))
        .route("/approvals/{id}/offers", get(offers::offers))
        .route("/approvals/{id}/assess", post(offers::assess))
        .route("/approvals/{id}/identical", post(offers::identical))
        .route("/ws", get(live::upgrade))
}

fn about_rules() -> Router<Hub> {
    Router::new()
        .route("/rules", get(rules::list).post(rules::add))
        .route("/rules/{id}", patch(rules::change).delete(rules::remove))
        .route("/rules/pause", post(rules::pause))
        .route("/rules/resume", post(rules::resume))
        .route("/rules/import", post(rules::import))
        .route("/rules/export", get(rules::export))
        .route("/rules/test", post(rules::test))
        .route("/rules/replay", post(rules::replay))
        .route("/rules/preview", post(rules::preview))
        .route("/rules/suggest", get(rules::suggest))
        .route("/rules/promote", post(rules::promote))
}

fn about_ccmon() -> Router<Hub> {
    Router::new()
        .route("/settings", get(settings::view).patch(settings::change))
        .route("/notifications/test", post(notifications::test))
        .route("/quiet", post(quiet::set))
        .route("/jobs", get(jobs::list).post(jobs::start))
        .route("/jobs/{id}", get(jobs::one).delete(jobs::cancel))
        .route("/retention", get(jobs::retention))
        .route("/hooks", get(house::hooks))
        .route("/hooks/install", post(house::install))
        .route("/hooks/uninstall", post(house::uninstall))
        .route("/doctor", get(house::doctor))
        .route("/about", get(house::about))
        .route("/welcome", post(house::welcome))
}

/// Answers a request of a window of our own process.
pub async fn from_window(router: &Router, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let mut request = request.map(Body::from);
    // A page of ours asks with its own scheme and host; the routes know paths.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map(Uri::from).unwrap_or_default();
    request.extensions_mut().insert(Door::Window);
    let (head, body) = match router.clone().oneshot(request).await {
        Ok(response) => response.into_parts(),
        Err(never) => match never {},
    };
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    Response::from_parts(head, body)
}
