//! The core lived through: random lives, and the scenes that were measured with the real client.

mod away;
mod elicitations;
mod late;
mod lives;
mod scene;
mod scenes;
mod states;
mod truth;
mod unseen;
