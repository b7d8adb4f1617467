//! Text from templates. A template of text is a list in the manner of Markdown: a line that begins with `- ` begins a sentence or a
//! paragraph, a line that begins with `# ` begins a finding with its title; all other lines continue what is before them.

use askama::Template;

use super::Finding;

/// The items of a rendered list, white space collapsed; titles are left out.
pub(crate) fn sentences(template: &impl Template) -> Vec<String> {
    findings(template).into_iter().flat_map(|(_, items)| items).collect()
}

/// The findings of a rendered list, the items below each title joined; a finding without items is left out.
pub(crate) fn titled(template: &impl Template) -> Vec<Finding> {
    let found = findings(template).into_iter().filter(|(_, items)| !items.is_empty());
    found.map(|(title, items)| Finding { title, text: items.join(" ") }).collect()
}

fn findings(template: &impl Template) -> Vec<(String, Vec<String>)> {
    let text = template.render().expect("filters of text are infallible, and a String takes any text");
    let mut found = vec![(String::new(), Vec::<String>::new())];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (_, items) = found.last_mut().expect("it begins with one element and only grows");
        match (line.strip_prefix("# "), line.strip_prefix("- "), items.last_mut()) {
            (Some(title), ..) => found.push((title.to_owned(), Vec::new())),
            (_, Some(item), _) => items.push(collapsed(item)),
            (_, _, Some(item)) => {
                item.push(' ');
                item.push_str(&collapsed(line));
            }
            (_, _, None) => items.push(collapsed(line)),
        }
    }
    found
}

/// The text with single spaces between words. A no-break space is no separator.
fn collapsed(text: &str) -> String {
    text.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Template)]
    #[template(source = "{{ text }}", ext = "txt")]
    struct Verbatim {
        text: &'static str,
    }

    #[test]
    fn items_begin_with_a_dash_and_findings_with_a_hash() {
        let text = "\n- One\n   and  more.\n\n- Two <b> & 1\u{a0}%.\n# Title\n- Three.\n- Four.\n# Without items\n";
        assert_eq!(sentences(&Verbatim { text }), ["One and more.", "Two <b> & 1\u{a0}%.", "Three.", "Four."]);
        let found = titled(&Verbatim { text: "# Title\n- Three.\n- Four.\n# Without items\n" });
        assert_eq!(found, [Finding { title: "Title".to_owned(), text: "Three. Four.".to_owned() }]);
        assert!(sentences(&Verbatim { text: " \n" }).is_empty());
    }
}
