//! What the API needs for the settings. `crate::daemon` fills it in, as the rest of [`Hub`](super::Hub).

use serde_json::{Map, Value};

/// The user's settings; on a thread that may block.
pub trait Settings: Send + Sync {
    /// As they are, as they would be, and what is wrong with the file.
    fn view(&self) -> Value;

    /// Sets some, by their dotted names, and sets back those that are null.
    ///
    /// # Errors
    /// Why not; nothing is changed then.
    fn change(&self, patch: &Map<String, Value>) -> Result<(), Refused>;
}

/// Why something was not done, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What was asked cannot be.
    Unusable(String),
    /// It could be, but things stand in its way.
    Hindered(String),
}
