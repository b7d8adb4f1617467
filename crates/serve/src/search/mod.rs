//! Search among the known tracks by title, artist or Spotify link.
//!
//! Every word of a query must match a word of the title or the artist: as a whole, as its beginning, with a few typing errors,
//! or as a word that sounds alike. If no track matches, words of three letters may have a typing error as well.
//! The vocabulary of the tracks is small (23,000 words for 41,000 tracks), so a query walks through all of it with an automaton
//! and reads the tracks of the words that match.

mod index;
mod ranking;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

pub(crate) use index::{Found, TrackIndex};
