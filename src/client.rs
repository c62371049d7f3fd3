//! A small client of the daemon's API over its Unix socket, for the CLI.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio_tungstenite::WebSocketStream;

use crate::http::{exchange, io};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("no ccmon daemon is running (nobody answers at {}): start `ccmon-tray`, or `ccmon daemon` without a desktop", .0.display())]
    NotRunning(PathBuf),
    /// Somebody listens who is not us.
    #[error("{} belongs to another user: it is not asked anything", .0.display())]
    NotOurs(PathBuf),
    /// The daemon said no; in its words.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Why, and what to do.
        detail: String,
    },
    /// The daemon takes connections, and does not answer.
    #[error("the ccmon daemon does not answer within {0} s: `ccmon doctor` looks for the reason")]
    Late(u64),
    /// What it answered could not be put where it belongs.
    #[error("{0}")]
    Taking(std::io::Error),
    /// The daemon went away in the middle, or did not speak our language.
    #[error("the ccmon daemon did not answer as it should ({0}): `ccmon doctor` looks for the reason")]
    Garbled(String),
}

/// How long an answer may take: a jump that has to open a terminal takes longest.
const PATIENCE: Duration = Duration::from_secs(25);

/// A client of the daemon of this user.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
    name: &'static str,
}

impl Client {
    /// A client of the daemon behind `socket`.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), name: "cli" }
    }

    /// The same client, which says of itself that it is `name`: decisions are recorded under it.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None).await
    }

    /// Posts a JSON document.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, ClientError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Changes something, by a JSON document of what is to be different.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn patch<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, ClientError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Deletes something.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.exchange(Method::DELETE, path, None).await.map(drop)
    }

    /// Gets a text.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn text(&self, path: &str) -> Result<String, ClientError> {
        let bytes = self.exchange(Method::GET, path, None).await?;
        String::from_utf8(bytes.into()).map_err(|error| ClientError::Garbled(error.to_string()))
    }

    /// Gets a file, piece by piece: no more of it is in memory.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn pieces(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ClientError> {
        let late = |_| ClientError::Late(PATIENCE.as_secs());
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(io(stream)).await.map_err(garbled)?;
        let driven = tokio::spawn(connection);
        let asked = sender.send_request(self.request(Method::GET, path, None)?);
        let response = tokio::time::timeout(PATIENCE, asked).await.map_err(late)?.map_err(garbled)?;
        let (status, mut body) = (response.status(), response.into_body());
        if !status.is_success() {
            let bytes = body.collect().await.map_err(garbled)?.to_bytes();
            return Err(refused(status, &bytes));
        }
        while let Some(frame) = tokio::time::timeout(PATIENCE, body.frame()).await.map_err(late)? {
            if let Ok(piece) = frame.map_err(garbled)?.into_data() {
                take(&piece).map_err(ClientError::Taking)?;
            }
        }
        driven.abort();
        Ok(())
    }

    /// Opens the WebSocket: a snapshot first, then what changes.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn frames(&self) -> Result<WebSocketStream<UnixStream>, ClientError> {
        let stream = self.connect().await?;
        let opened = tokio_tungstenite::client_async("ws://ccmon/ws", stream).await;
        opened.map(|(frames, _)| frames).map_err(|error| ClientError::Garbled(error.to_string()))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, ClientError> {
        let bytes = self.exchange(method, path, body).await?;
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(bytes).map_err(|error| ClientError::Garbled(error.to_string()))
    }

    async fn exchange(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Bytes, ClientError> {
        let request = self.request(method, path, body)?;
        let sent = tokio::time::timeout(PATIENCE, self.send(request)).await;
        let (status, bytes) = sent.map_err(|_| ClientError::Late(PATIENCE.as_secs()))??;
        if status.is_success() {
            return Ok(bytes);
        }
        Err(refused(status, &bytes))
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Request<Body>, ClientError> {
        let body = body.map(Value::to_string).unwrap_or_default();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "ccmon")
            .header(header::CONTENT_TYPE, "application/json")
            .header("ccmon-client", self.name)
            .body(Body::from(body))
            .map_err(garbled)
    }

    async fn send(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), ClientError> {
        let stream = self.connect().await?;
        let answer = exchange(stream, request, usize::MAX).await.map_err(garbled)?;
        Ok((answer.status(), answer.into_body()))
    }

    async fn connect(&self) -> Result<UnixStream, ClientError> {
        let stream =
            UnixStream::connect(&self.socket).await.map_err(|_| ClientError::NotRunning(self.socket.clone()))?;
        let peer = stream.peer_cred().map_err(|error| ClientError::Garbled(error.to_string()))?;
        if peer.uid() != rustix::process::getuid().as_raw() {
            return Err(ClientError::NotOurs(self.socket.clone()));
        }
        Ok(stream)
    }
}

fn garbled(error: impl std::fmt::Display) -> ClientError {
    ClientError::Garbled(error.to_string())
}

/// What a problem document says.
fn refused(status: StatusCode, bytes: &[u8]) -> ClientError {
    let problem: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let detail = problem.get("detail").and_then(Value::as_str).unwrap_or("no reason given");
    ClientError::Refused { status, detail: detail.to_owned() }
}
