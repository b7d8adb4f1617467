//! What an answer consists of, whatever the route: faults, warnings, rejections, and bodies with their limits of memory.

pub(crate) mod answer_budget;
pub(crate) mod compression;
pub(crate) mod faults;
pub(crate) mod rejection;
pub(crate) mod response;
pub(crate) mod warning;
