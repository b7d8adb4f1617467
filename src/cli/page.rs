//! Lines of text under topics.

use std::fmt::Write;

/// Columns of a topic.
const TOPIC: usize = 15;

#[derive(Default)]
pub struct Page {
    text: String,
}

impl Page {
    pub fn line(&mut self, topic: &str, words: &str) {
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "{topic:<TOPIC$}{words}");
    }

    /// Lines of which the first has the topic.
    pub fn list(&mut self, topic: &str, lines: impl IntoIterator<Item = String>) {
        for (index, line) in lines.into_iter().enumerate() {
            self.line(if index == 0 { topic } else { "" }, &line);
        }
    }

    pub fn into_text(self) -> String {
        self.text
    }
}
