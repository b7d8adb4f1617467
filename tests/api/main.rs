//! The REST service: in-process for what it answers, as a process for signals, reloading and bad clients, in a browser for the
//! page, and the page of a report.

mod agreement;
mod attacks;
mod behaviour;
mod beside;
mod browser;
#[path = "../common/mod.rs"]
mod common;
mod fixture;
mod known_tracks;
mod live;
mod one_reader;
mod operation;
mod page;
mod page_search;
mod process;
mod protocols;
mod report;
