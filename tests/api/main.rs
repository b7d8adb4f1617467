//! The REST service: in-process for what it answers, as a process for signals, reloading and bad clients.

mod behaviour;
#[path = "../common/mod.rs"]
mod common;
mod fixture;
mod live;
mod process;
mod protocols;
