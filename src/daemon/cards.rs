//! What requests are shown with, gathered on threads that may wait for a file system.

mod file;

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::files::{is_below_its_config, open_own};
use crate::api::{self, Later};
use crate::card::{self, Block, Card, File, Window};
use crate::claude::transcript;
use crate::core::{Approval, Board, Kind};
use crate::store::Reader;

/// How many are gathered at once: a file system that does not answer keeps a thread.
const AT_ONCE: usize = 4;
/// How long one may take; then it is shown without what is missing.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of the end of a transcript is read, in bytes.
const TAIL: u64 = 512 * 1024;
/// Most that is repeated of what was said, in characters.
const LONGEST: usize = 2_000;

/// Gathers cards.
pub struct Cards {
    reader: Reader,
    places: Arc<Semaphore>,
}

/// What a card is gathered from.
struct Wanted {
    approval: Approval,
    transcript: Option<String>,
    /// Where its files are, when not here.
    away: Option<String>,
    /// Without one, nothing of what files hold.
    window: Option<Window>,
}

impl Cards {
    /// Reads summaries with this.
    pub fn new(reader: Reader) -> Self {
        Self { reader, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// What has to be read for one; none when that takes too long, or too many others do.
    async fn gathered(&self, wanted: Wanted) -> Option<Card> {
        let reader = self.reader.clone();
        let gathering = async {
            let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
            let gather = move || {
                let card = gather(&reader, &wanted);
                drop(place);
                card
            };
            tokio::task::spawn_blocking(gather).await.ok()
        };
        tokio::time::timeout(PATIENCE, gathering).await.ok().flatten()
    }
}

impl api::Cards for Cards {
    fn card<'a>(&'a self, board: &'a Board, approval: &'a Approval, window: Option<Window>) -> Later<'a, Card> {
        Box::pin(async move {
            let session = board.sessions.get(&approval.session);
            // What the main thread said last is not what led a sub-agent here.
            let mains = session.filter(|s| s.away.is_none() && approval.agent.is_none() && window.is_some());
            let transcript = mains.and_then(|session| session.transcript.clone());
            let away = session.and_then(|session| session.whereabouts());
            let gathered = self.gathered(Wanted { approval: approval.clone(), transcript, away, window }).await;
            let card = gathered.unwrap_or_else(|| unanswered(approval, window));
            Card { identical: card::identical(board, &approval.id), ..card }
        })
    }
}

fn gather(reader: &Reader, wanted: &Wanted) -> Card {
    let said = wanted.transcript.as_deref().and_then(|path| said(Path::new(path)));
    let summary = reader.summary(&wanted.approval.session.0).ok().flatten().map(|row| row.text);
    let (file, plan) = (file(wanted), plan(&wanted.approval));
    Card { said, summary, file, plan, ..Card::default() }
}

/// What becomes of the file that it writes to.
fn file(Wanted { approval, window, away, .. }: &Wanted) -> Option<File> {
    let (window, named) = ((*window)?, card::path_of(&approval.tool, &approval.input)?);
    if let Some(place) = away {
        return Some(unread(named, format!("it lies {place}: what it holds is not known here")));
    }
    let home = std::env::var("HOME").unwrap_or_default();
    let found = file::found(named, &approval.cwd, &home);
    Some(card::written(&approval.tool, &approval.input, found, window))
}

fn plan(approval: &Approval) -> Option<Vec<Block>> {
    let plan = approval.input.get("plan").filter(|_| approval.kind == Kind::Plan)?;
    card::blocks(plan.as_str()?)
}

/// A file of which nothing is known but its name, and why.
fn unread(path: &str, why: String) -> File {
    File { path: path.to_owned(), outside: true, problem: Some(why), ..File::default() }
}

/// The card while the file system does not answer.
fn unanswered(approval: &Approval, window: Option<Window>) -> Card {
    let named = window.and_then(|_| card::path_of(&approval.tool, &approval.input));
    let file = named.map(|path| unread(path, "the file system did not answer in time".to_owned()));
    Card { file, plan: plan(approval), ..Card::default() }
}

/// What Claude said last, as its transcript tells.
fn said(path: &Path) -> Option<String> {
    let mut file = Some(path).filter(|path| is_below_its_config(path)).and_then(open_own)?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let said = transcript::said(&tail)?;
    let short: String = said.trim().chars().take(LONGEST).collect();
    Some(short)
}
