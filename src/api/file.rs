//! Answers that are files: made on a thread of their own, piece by piece, as fast as they are read.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::{Semaphore, mpsc};

use super::Hub;
use super::past::{Format, Past, Sink, Unanswered};
use super::problem::Problem;

/// So many at once; each has a thread.
const FILES: usize = 8;
/// Pieces that may wait for a slow reader.
const WAITING: usize = 4;
/// A reader that takes longer for one is gone.
const PATIENCE: Duration = Duration::from_secs(60);

static FREE: Semaphore = Semaphore::const_new(FILES);

/// What a file is called, and what is in it.
pub struct File {
    pub name: String,
    pub format: Format,
}

/// A file, as `write` makes it.
pub async fn streamed<F>(hub: &Hub, file: &File, write: F) -> Result<Response, Problem>
where
    F: FnOnce(&dyn Past, Sink<'_>) -> Result<(), Unanswered> + Send + 'static,
{
    let busy = "too many files are being written: try again in a moment";
    let free = FREE.try_acquire().map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, busy))?;
    let (pieces, mut taken) = mpsc::channel::<Result<Bytes, Unanswered>>(WAITING);
    let (history, runtime) = (hub.history.clone(), tokio::runtime::Handle::current());
    tokio::task::spawn_blocking(move || {
        let _free = free;
        let give = |piece| runtime.block_on(tokio::time::timeout(PATIENCE, pieces.send(piece)));
        let written = write(&*history, &mut |piece: Vec<u8>| matches!(give(Ok(piece.into())), Ok(Ok(()))));
        // Whoever is told of it may be gone.
        let _ = written.map_err(|error| give(Err(error)));
    });
    // What goes wrong at once is a problem; later, the connection breaks, so that half is not taken for all.
    let first = taken.recv().await.transpose()?;
    let rest = stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
    let whole = stream::iter(first.map(Ok)).chain(rest);
    let body = Body::from_stream(whole.map(|piece| piece.map_err(|error| io::Error::other(format!("{error:?}")))));
    Ok((file.headers(), body).into_response())
}

impl File {
    fn headers(&self) -> [(HeaderName, String); 2] {
        let (kind, end) = match self.format {
            Format::Md => ("text/markdown; charset=utf-8", "md"),
            Format::Json => ("application/json", "json"),
            Format::Csv => ("text/csv; charset=utf-8", "csv"),
        };
        let named = format!("attachment; filename=\"{}.{end}\"", self.name);
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)]
    }
}
