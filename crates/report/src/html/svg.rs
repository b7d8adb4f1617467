//! From a chart's SVG file to markup that can be placed in a page beside others.

use crate::format::MISSING;

/// The SVG without its prolog, title and description, scaled by the page, named by `alt`, its ids prefixed with `name` so
/// that no two charts of a page share one.
pub(crate) fn inline(svg: &str, name: &str, alt: &str) -> String {
    let Some(start) = svg.find("<svg") else { return MISSING.to_owned() };
    let Some(end) = svg[start..].find('>').map(|offset| start + offset) else { return MISSING.to_owned() };
    let (root, body) = (&svg[start + "<svg".len()..end], &svg[end + 1..]);
    // Its own size would stop it from scaling; the page gives its role and name.
    let root = ["width", "height", "role", "class", "aria-label"]
        .iter()
        .fold(root.to_owned(), |root, name| without(&root, name));
    let body = ["title", "desc"].iter().fold(body.to_owned(), |body, tag| without_first_element(&body, tag));
    let open = format!(r#"<svg class="chart" role="img" aria-label="{}"{root}>"#, escape(alt));
    prefix_ids(&format!("{open}{body}"), name)
}

/// A tag's attributes without the one of this name.
fn without(attributes: &str, name: &str) -> String {
    let Some(start) = attributes.find(&format!(" {name}=\"")) else { return attributes.to_owned() };
    let value = start + name.len() + 3;
    match attributes[value..].find('"') {
        Some(length) => format!("{}{}", &attributes[..start], &attributes[value + length + 1..]),
        None => attributes.to_owned(),
    }
}

/// A body without its first element of this name, if nothing but white space and other such elements is before it.
fn without_first_element(body: &str, tag: &str) -> String {
    let trimmed = body.trim_start();
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    match trimmed.strip_prefix(&open).and_then(|rest| rest.split_once(&close)) {
        Some((_, rest)) => rest.to_owned(),
        None => body.to_owned(),
    }
}

/// Prefixes ids and what refers to them.
fn prefix_ids(svg: &str, name: &str) -> String {
    if !svg.contains(" id=\"") {
        return svg.to_owned();
    }
    [" id=\"", "url(#", "href=\"#"]
        .iter()
        .fold(svg.to_owned(), |svg, opening| svg.replace(opening, &format!("{opening}{name}-")))
}

/// Text escaped for an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prolog_size_and_title_go() {
        let svg = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"5\" viewBox=\"0 0 100 50\" role=\"img\">\n<title>T</title>\n<desc>D</desc>\n<path d=\"M0 0\" stroke-width=\"2\"/></svg>";
        assert_eq!(
            inline(svg, "n", "a \"b\" <c>").replace('\n', ""),
            "<svg class=\"chart\" role=\"img\" aria-label=\"a &quot;b&quot; &lt;c&gt;\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 100 50\"><path d=\"M0 0\" stroke-width=\"2\"/></svg>"
        );
    }

    #[test]
    fn ids_are_distinguished() {
        let svg = "<svg viewBox=\"0 0 1 1\"><clipPath id=\"c\"/><g clip-path=\"url(#c)\"/><use href=\"#c\"/></svg>";
        let inlined = inline(svg, "roc", "");
        assert!(
            inlined.contains("id=\"roc-c\"") && inlined.contains("url(#roc-c)") && inlined.contains("href=\"#roc-c\"")
        );
    }

    #[test]
    fn what_is_no_svg_is_not_put_in() {
        assert_eq!(inline("<script>", "n", ""), MISSING);
        assert_eq!(inline("<svg", "n", ""), MISSING);
    }
}
