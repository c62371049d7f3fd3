//! Where summaries are kept, and what they are made of is read.

use super::record;
use crate::api::{Later, Summary};
use crate::store::{EventQuery, EventsOf, Store, StoreError, SummaryRow};

/// So many of the last events are looked at.
const EVENTS: usize = 600;

/// Reads block, keeping does not.
pub trait Shelf: Send + Sync {
    /// Whether there is such a session.
    ///
    /// # Errors
    /// In words.
    fn knows(&self, session: &str) -> Result<bool, String>;

    /// The last summary of a session.
    ///
    /// # Errors
    /// In words.
    fn summary(&self, session: &str) -> Result<Option<Summary>, String>;

    /// What a session did, in lines, and the number of its last event.
    ///
    /// # Errors
    /// In words.
    fn record(&self, session: &str) -> Result<(String, i64), String>;

    /// Keeps a summary of a session, in place of the one before; nothing when the session was deleted meanwhile.
    fn keep(&self, session: String, summary: Summary) -> Later<'_, Result<(), String>>;
}

/// The database.
pub struct StoreShelf(pub Store);

impl Shelf for StoreShelf {
    fn knows(&self, session: &str) -> Result<bool, String> {
        self.0.reader().session(session).map(|row| row.is_some()).map_err(in_words)
    }

    fn summary(&self, session: &str) -> Result<Option<Summary>, String> {
        let row = self.0.reader().summary(session).map_err(in_words)?;
        Ok(row.map(|SummaryRow { text, at, model, cost_usd, event, .. }| Summary { text, at, model, cost_usd, event }))
    }

    fn record(&self, session: &str) -> Result<(String, i64), String> {
        let of = Some(EventsOf::Session(session.to_owned()));
        let page = EventQuery { after_id: None, limit: EVENTS, newest_first: true, of };
        let events = self.0.reader().events(&page).map_err(in_words)?;
        Ok((record::of(&events), events.first().map_or(0, |event| event.id)))
    }

    fn keep(&self, session: String, summary: Summary) -> Later<'_, Result<(), String>> {
        Box::pin(async move {
            let (reader, key) = (self.0.reader(), session.clone());
            let there = tokio::task::spawn_blocking(move || reader.session(&key)).await;
            if there.map_err(|error| error.to_string())?.map_err(in_words)?.is_none() {
                return Ok(());
            }
            let Summary { text, at, model, cost_usd, event } = summary;
            let row = SummaryRow { session, text, at, model, cost_usd, event };
            self.0.put_summary(row).await.map(drop).map_err(in_words)
        })
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn in_words(error: StoreError) -> String {
    error.to_string()
}
