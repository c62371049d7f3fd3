//! Who asks something that not everybody may: the door it came in at, and the place that it says it is.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::doors::Door;
use super::problem::Problem;
use crate::core::By;

/// A caller, for routes where it counts who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Where it came in.
    pub door: Door,
    /// Where the user is who asks.
    pub by: By,
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let door = parts.extensions.get::<Door>().copied();
        let door = door.ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "no door"))?;
        Ok(Self { door, by: who(door, &parts.headers) })
    }
}

/// Over TCP a header proves nothing.
fn who(door: Door, headers: &HeaderMap) -> By {
    let named = headers.get("ccmon-client").and_then(|name| name.to_str().ok());
    match (door, named) {
        (Door::Tcp { .. }, _) => By::Web,
        (Door::Window, Some("dashboard")) => By::Dashboard,
        (Door::Window, Some("notification")) => By::Notification,
        (Door::Window, _) => By::Popup,
        (Door::Unix { .. }, Some("tui")) => By::Tui,
        (Door::Unix { .. }, _) => By::Cli,
    }
}
