//! Bodies: whole, not too large, and in time.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;

use super::problem::Problem;

/// How long a caller may take to send a body. A hook has all of it before it connects.
const BODY: Duration = Duration::from_secs(15);

/// The body of a request.
#[derive(Debug)]
pub struct Payload(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        within(BODY, request, state).await
    }
}

async fn within<S: Send + Sync>(patience: Duration, request: Request, state: &S) -> Result<Payload, Problem> {
    let read = tokio::time::timeout(patience, Bytes::from_request(request, state)).await;
    let body = read.map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?;
    body.map(Payload).map_err(|error| Problem::new(error.status(), error.body_text()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::response::IntoResponse;
    use futures_util::stream::pending;

    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let body = Body::from_stream(pending::<std::io::Result<Bytes>>());
        let refused = within(Duration::from_millis(1), Request::new(body), &()).await;
        assert_eq!(refused.expect_err("too slow").into_response().status(), StatusCode::REQUEST_TIMEOUT);
    }
}
