//! The API's room on its own: real sockets, a pure core for a brain, and nothing stored.

mod attacks;
mod fixed;
mod hooks;
mod house;
mod lane;
mod open;
mod openapi;
mod watchers;
mod web;
