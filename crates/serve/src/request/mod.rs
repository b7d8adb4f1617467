//! Request bodies to rows: the shapes in which audio features circulate, what counts as a number, and what is said of a body that
//! is refused.

pub(crate) mod array_split;
pub(crate) mod body;
pub(crate) mod did_you_mean;
pub(crate) mod json_error;
pub mod number;
pub(crate) mod preview;
pub(crate) mod query;
pub mod request_body;
pub(crate) mod table_header;
