//! What ccmon promises, tried with the real `claude` client: one test a promise, each with a home,
//! a terminal, a daemon and a scripted model of its own.
//!
//! Needs tmux, the client (`packaging/fetch-claude`) and the hook (`cargo build -p ccmon-hook`).
//! Run it by name, two at a time on a small machine:
//! `cargo test --no-default-features --test real_client -- --test-threads 2`.

#[path = "../support/mod.rs"]
mod support;

mod agents;
mod always;
mod answers;
mod dialogs;
mod edits;
mod elicitation;
mod life;
mod overtaken;
mod plans;
mod print;
mod questions;
mod restart;
mod rules;
mod states;
mod summary;
mod terminal;
mod together;
