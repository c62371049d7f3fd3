//! One HTTP/1.1 exchange over a connection of any kind: one copy of the machinery, whoever asks whom.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection that bytes go through both ways.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection of any kind, as hyper takes it.
#[must_use]
pub fn io(wire: impl Wire + 'static) -> TokioIo<Box<dyn Wire>> {
    TokioIo::new(Box::new(wire))
}

/// Sends the request; the answer, which may be so many bytes long.
///
/// # Errors
/// When the other side goes away, speaks something else, or says more.
pub async fn exchange(
    wire: impl Wire + 'static,
    request: Request<Body>,
    most: usize,
) -> Result<Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let (mut sender, connection) = http1::handshake(io(wire)).await?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, Limited::new(body, most).collect().await?.to_bytes()))
    };
    tokio::pin!(exchange);
    // The connection has to be driven along; its own end is no news while an answer is on its way.
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        _ = connection => exchange.await,
    }
}
