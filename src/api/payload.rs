//! Bodies: whole, not too large, and in time.

use std::error::Error;
use std::time::Duration;

use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError};
use hyper::body::Body as _;

use super::problem::Problem;

/// How long a caller may take to send a body. A hook has all of it before it connects.
const BODY: Duration = Duration::from_secs(15);

/// The body of a request.
#[derive(Debug)]
pub struct Payload(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        within(BODY, request).await
    }
}

async fn within(patience: Duration, request: Request) -> Result<Payload, Problem> {
    let read = tokio::time::timeout(patience, whole(request.into_limited_body())).await;
    let body = read.map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?;
    body.map(Payload).map_err(|error| refusal(&error))
}

/// All pieces as one. They are not kept until the last has come: of one byte each, they would need far more memory than
/// what is in them.
async fn whole(mut body: Body) -> Result<Bytes, axum::Error> {
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        if all.is_empty() && body.is_end_stream() {
            return Ok(piece);
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.into())
}

fn refusal(error: &axum::Error) -> Problem {
    let mut why: Option<&dyn Error> = Some(error);
    while let Some(part) = why {
        if part.is::<LengthLimitError>() {
            return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
        }
        why = part.source();
    }
    Problem::new(StatusCode::BAD_REQUEST, format!("the body cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::DefaultBodyLimit;
    use axum::response::IntoResponse;
    use futures_util::stream::{iter, pending};
    use tower::{Layer, ServiceExt, service_fn};

    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let body = Body::from_stream(pending::<std::io::Result<Bytes>>());
        let refused = within(Duration::from_millis(1), Request::new(body)).await;
        assert_eq!(refused.expect_err("too slow").into_response().status(), StatusCode::REQUEST_TIMEOUT);
    }
    #[tokio::test]
    async fn pieces_are_one_body_up_to_the_limit() {
        for (count, status) in
            [(0, StatusCode::OK), (1, StatusCode::OK), (100, StatusCode::OK), (101, StatusCode::PAYLOAD_TOO_LARGE)]
        {
            let read = service_fn(|request: Request| async {
                let read = within(Duration::from_secs(60), request).await;
                Ok::<_, std::convert::Infallible>(
                    read.map_or_else(Problem::into_response, |Payload(body)| body.into_response()),
                )
            });
            let pieces = iter((0..count).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x"))));
            let limited = DefaultBodyLimit::max(100).layer(read);
            let answer = limited.oneshot(Request::new(Body::from_stream(pieces))).await.expect("it never fails");
            assert_eq!(answer.status(), status, "{count}");
            let told = answer.into_body().collect().await.expect("a body").to_bytes();
            assert!(status != StatusCode::OK || told == "x".repeat(count), "{count}: {told:?}");
        }
    }
}
