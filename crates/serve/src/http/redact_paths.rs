//! Texts without the paths of the machine on which a model was fitted: only the last part of a path remains.

/// Beginnings of paths.
const STARTS: [&str; 4] = ["/", "./", "../", "~/"];
/// Beginning of a command line, in which any word with a slash is a path.
const COMMAND: &str = "hitflop ";

/// `text` with the last part of each path in it.
pub(crate) fn hidden(text: &str) -> String {
    text.split_inclusive('\n').map(line).collect()
}

/// The last part of a path.
pub(crate) fn last(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

fn line(line: &str) -> String {
    let is_command = line.starts_with(COMMAND);
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let opens = shown.is_empty() || shown.ends_with(|last: char| last.is_whitespace() || last == '=');
        let quoted = if opens { quoted(rest) } else { None };
        let word = quoted.unwrap_or_else(|| &rest[..rest.find(ends_word).unwrap_or(rest.len())]);
        let before = if quoted.is_some() { 1 } else { 0 };
        shown.push_str(&rest[..before]);
        let is_path = STARTS.iter().any(|start| word.starts_with(start)) || word.contains(":\\");
        match quoted {
            _ if is_path || (is_command && word.contains('/')) => shown.push_str(last(word)),
            // A quotation may contain a sentence.
            Some(sentence) => shown.push_str(&self::line(sentence)),
            None => shown.push_str(word),
        }
        rest = &rest[before + word.len()..];
        // The character that ended the word.
        let end = rest.chars().next().map_or(0, char::len_utf8);
        shown.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    shown
}

/// The quotation at the beginning of `text`.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|letter| ['\'', '"', '`'].contains(letter))?;
    text[1..].split_once(mark).map(|(within, _)| within)
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || "'\"`=()[]|,;".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_part_of_a_path_is_left() {
        for (text, expected) in [
            ("hitflop train --data /srv/me/spotify --seed 42", "hitflop train --data spotify --seed 42"),
            ("hitflop run --data data/raw/ '/my home/b c.csv' -x", "hitflop run --data raw 'b c.csv' -x"),
            ("learned from `/srv/a/archive.zip`, and ../b/c.", "learned from `archive.zip`, and c."),
            ("--models=/srv/m\n~/x\n", "--models=m\nx\n"),
            ("it's in 'odd /srv/a', or /srv/b", "it's in 'odd a', or b"),
            ("an 'odd /srv/a", "an 'odd a"),
            ("of C:\\data\\x.csv", "of x.csv"),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in
            ["random 80/20, C♯/D♭, and/or", "https://example.org/a/b", "| a | b |\n|---|---|\n", "", "\n\n", "a 'b"]
        {
            assert_eq!(hidden(text), text);
        }
        assert_eq!((last("a"), last("/a/b/"), last("")), ("a", "b", ""));
    }
}
