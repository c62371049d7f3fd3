//! ccmon watches Claude Code sessions and answers for them. This is the map of the library: a
//! sentence for each room, and what it may not do.
//!
//! One line of data runs through it:
//!
//! ```text
//! claude → ccmon-hook → api → Input → core → Event → store
//!                                        └→ Effect → the hook's answer, watches
//!                                        └→ Board → tray · popup · CLI
//! ```
//!
//! - [`core`]: sessions and approvals as a pure state machine. No clock, file, socket or randomness.
//! - [`claude`]: all that is known of Claude Code's wire, settings and files. Knows no HTTP.
//! - [`rules`]: what may be answered without a human, and what is dangerous. As pure as core.
//! - [`card`]: what a request is shown with: diffs and plans as data. As pure as core.
//! - [`answers`]: what a person's words mean as an answer to a question, a plan, a form. As pure as core.
//! - [`store`]: SQLite on its own thread. Knows rows, not what they mean.
//! - [`api`]: the routes behind the two doors, and who may come in. Knows nothing of the store.
//! - [`daemon`]: the only room where the others meet: the engine, and effects performed.
//! - [`timeline`]: stored events as turns a person can read. As pure as core.
//! - [`export`]: sessions as Markdown, tables as CSV: text that nothing in it can break out of.
//! - [`locate`]: terminals: where a session is, taking the user there, whether they look. Knows no sessions.
//! - [`notify`]: desktop notifications, shown and taken back. Knows no sessions.
//! - [`shortcut`]: keys that work whatever program has the keyboard. Knows not what they are for.
//! - [`otlp`]: log records and metrics for a collector of OpenTelemetry on this machine. Knows no sessions.
//! - [`client`]: asks a running daemon, for the CLI; [`http`]: one exchange, whoever asks whom.
//! - [`doctor`]: looks at everything ccmon needs, for the CLI and the API.
//! - [`cli`]: one file per verb.
//! - [`tui`]: the screen of `ccmon tui`: a pure model and view, and the loop that feeds them.
//! - [`config`], [`paths`], [`logging`], [`welcome`], [`pauses`]: settings, places, the log, the first start, how long to
//!   wait before what failed is tried again.
//!
//! Nothing of GTK is in here: that is the `ccmon-tray` program's, behind the feature `tray`.

pub mod answers;
pub mod api;
pub mod card;
pub mod claude;
pub mod cli;
pub mod client;
pub mod config;
pub mod core;
pub mod daemon;
pub mod doctor;
pub mod export;
pub mod http;
pub mod locate;
pub mod logging;
pub mod notify;
pub mod otlp;
pub mod paths;
pub mod pauses;
pub mod rules;
pub mod shortcut;
pub mod store;
pub mod surrogates;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod tui;
pub mod welcome;
