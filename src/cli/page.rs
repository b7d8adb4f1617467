//! Lines of text under topics, and text that is wrapped.

/// Columns of a topic.
const TOPIC: usize = 15;
/// Columns of a terminal whose width is not known.
pub const WIDTH: usize = 80;
/// Fewest columns that text is wrapped at.
const MIN_WIDTH: usize = 40;

#[derive(Default)]
pub struct Page {
    lines: Vec<(String, String)>,
}

impl Page {
    pub fn line(&mut self, topic: &str, words: &str) {
        self.lines.push((topic.to_owned(), words.to_owned()));
    }

    /// Lines of which the first has the topic.
    pub fn list(&mut self, topic: &str, lines: impl IntoIterator<Item = String>) {
        for (index, line) in lines.into_iter().enumerate() {
            self.line(if index == 0 { topic } else { "" }, &line);
        }
    }

    /// The text, wrapped at the width of the terminal. What is written to a file or a pipe has a line a fact.
    pub fn into_text(self) -> String {
        self.wrapped_at(terminal_width())
    }

    fn wrapped_at(self, width: Option<usize>) -> String {
        // Lines that go on are indented beyond the topics, so that each fact can be told from the next.
        let next = " ".repeat(TOPIC + 2);
        let wrapped = |(topic, words): (String, String)| {
            let first = format!("{topic:<TOPIC$}");
            match width {
                Some(width) => wrapped(&words, width.max(MIN_WIDTH), &first, &next),
                None => first + &words + "\n",
            }
        };
        self.lines.into_iter().map(wrapped).collect()
    }
}

/// Lines of at most `width` columns, the first and the further ones with an indent of their own. A word that is longer, such as a
/// path, has a line of its own.
pub fn wrapped(text: &str, width: usize, first: &str, next: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    // A number stays with its percent sign.
    let text = text.replace(" %", "\u{a0}%");
    (textwrap::wrap(&text, options).join("\n") + "\n").replace("\u{a0}%", " %")
}

/// Columns of the terminal that standard output is; none if it is no terminal.
fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page = Page::default();
        page.line("Tracks", "12 from 1 file");
        page.list("Warning", ["tempo: 1 row not above 0, kept (0), as in the file".to_owned(), "é ♪".to_owned()]);
        page
    }

    #[test]
    fn facts_are_wrapped_at_the_width_of_a_terminal() {
        let text = page().wrapped_at(Some(44));
        let lines = [
            "Tracks         12 from 1 file",
            "Warning        tempo: 1 row not above 0,",
            "                 kept (0), as in the file",
            "               é ♪",
        ];
        assert_eq!(text, lines.join("\n") + "\n");
        assert!(page().wrapped_at(Some(1)).lines().all(|line| line.chars().count() <= MIN_WIDTH));
    }

    #[test]
    fn a_pipe_gets_a_line_a_fact() {
        assert_eq!(page().wrapped_at(None).lines().count(), 3);
    }

    #[test]
    fn words_longer_than_a_line_are_whole() {
        assert_eq!(wrapped("probability 95.6 %", 16, "", ""), "probability\n95.6 %\n");
        let path = "a/".repeat(50);
        assert_eq!(wrapped(&format!("in {path}"), 40, "", "  "), format!("in\n  {path}\n"));
    }
}
