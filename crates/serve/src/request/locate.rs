//! Where in a body the values of faults are, found in one pass over the bytes for all of them.
//!
//! The body was read as JSON before, so brackets match and texts end; nothing is read again but what is looked for.

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::Value;

use super::array_split::{end_of_text, is_space};

/// A place of a document, and its bytes once it is found.
pub(crate) struct LocateTarget<'p, 'j> {
    place: &'p [Value],
    json: Option<&'j [u8]>,
}

/// The bytes at each of `places`, which are a member's name or an element's index a level. `None` where there is nothing. Of a
/// member that was sent twice it is the last.
pub(crate) fn find<'j>(json: &'j [u8], places: &[&[Value]]) -> Vec<Option<&'j [u8]>> {
    let mut targets: Vec<LocateTarget> = places.iter().map(|place| LocateTarget { place, json: None }).collect();
    let all = (0..targets.len()).collect();
    walk(json, 0, 0, all, &mut targets);
    targets.into_iter().map(|target| target.json).collect()
}

/// Looks for the places of `indices` in the value at `at`, which is `depth` levels deep. Returns the end of the value.
fn walk<'j>(
    json: &'j [u8],
    at: usize,
    depth: usize,
    indices: Vec<usize>,
    targets: &mut [LocateTarget<'_, 'j>],
) -> usize {
    let start = skip_space(json, at);
    let (here, below): (Vec<usize>, Vec<usize>) =
        indices.into_iter().partition(|&index| targets[index].place.len() == depth);
    // What was found in a member of the same name before does not count.
    below.iter().for_each(|&index| targets[index].json = None);
    let end = match json.get(start) {
        Some(b'[') if !below.is_empty() => elements(json, start + 1, depth, &below, targets),
        Some(b'{') if !below.is_empty() => members(json, start + 1, depth, &below, targets),
        _ => skip(json, start),
    };
    here.into_iter().for_each(|index| targets[index].json = json.get(start..end));
    end
}

/// Targets by the part of their place that `part` gives, those without one left out.
fn grouped<K: Eq + Hash>(indices: &[usize], part: impl Fn(usize) -> Option<K>) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for &index in indices {
        if let Some(part) = part(index) {
            groups.entry(part).or_default().push(index);
        }
    }
    groups
}

fn elements<'j>(
    json: &'j [u8],
    mut at: usize,
    depth: usize,
    indices: &[usize],
    targets: &mut [LocateTarget<'_, 'j>],
) -> usize {
    let mut by_element = grouped(indices, |index| targets[index].place[depth].as_u64());
    for element in 0.. {
        at = skip_space(json, at);
        if json.get(at).is_none_or(|byte| *byte == b']') {
            break;
        }
        let start = at;
        at = match by_element.remove(&element) {
            Some(below) => walk(json, at, depth + 1, below, targets),
            None => skip(json, at),
        };
        let end = skip_comma(json, at);
        if end == start {
            // A bracket that matches none, which no JSON has.
            break;
        }
        at = end;
    }
    (at + 1).min(json.len())
}

fn members<'j>(
    json: &'j [u8],
    mut at: usize,
    depth: usize,
    indices: &[usize],
    targets: &mut [LocateTarget<'_, 'j>],
) -> usize {
    let by_name = grouped(indices, |index| targets[index].place[depth].as_str().map(str::to_owned));
    loop {
        at = skip_space(json, at);
        if json.get(at).is_none_or(|byte| *byte != b'"') {
            break;
        }
        let end = skip(json, at);
        // A name with escapes has to be read.
        let below = match json.get(at..end).map(serde_json::from_slice::<String>) {
            Some(Ok(name)) => by_name.get(&name).cloned(),
            _ => None,
        };
        at = skip_space(json, end);
        // The colon.
        at = skip_space(json, at + 1);
        at = match below {
            Some(below) => walk(json, at, depth + 1, below, targets),
            None => skip(json, at),
        };
        at = skip_comma(json, at);
    }
    (at + 1).min(json.len())
}

fn skip_space(json: &[u8], at: usize) -> usize {
    let rest = json.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_space(byte)).unwrap_or(rest.len())
}

fn skip_comma(json: &[u8], at: usize) -> usize {
    let at = skip_space(json, at);
    at + usize::from(json.get(at) == Some(&b','))
}

/// The end of the value that begins at `at`.
fn skip(json: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = end_of_text(json, at + 1).unwrap_or(json.len()),
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return at,
            b']' | b'}' => depth -= 1,
            b',' if depth == 0 => return at,
            _ if depth > 0 => {}
            // A number or a word.
            _ => {
                let rest = &json[at..];
                let is_end = |byte: &u8| is_space(byte) || matches!(byte, b',' | b']' | b'}');
                return at + rest.iter().position(is_end).unwrap_or(rest.len());
            }
        }
        at += 1;
        if depth == 0 {
            return at.min(json.len());
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_at_their_places() {
        let body = br#" {"a" : [1, {"b": "],}"} , [ ] ], "\u0061b": -2.5, "a": [3, 4]} "#;
        let places = [
            vec![json!("a"), json!(0)],
            vec![json!("a"), json!(1), json!("b")],
            vec![json!("ab")],
            vec![json!("a")],
            vec![json!("a"), json!(7)],
            vec![json!("c")],
        ];
        let places: Vec<&[Value]> = places.iter().map(Vec::as_slice).collect();
        let found = find(body, &places);
        // The second member of the name has no such element.
        let expected = [Some(&b"3"[..]), None, Some(b"-2.5"), Some(b"[3, 4]"), None, None];
        assert_eq!(found, expected);
        assert_eq!(find(body, &[&[]]), [Some(body.trim_ascii())]);
    }

    /// A body with many faults is read once for all of them.
    #[test]
    fn many_places_take_one_pass() {
        let body = json!({ "list": (0..200_000).collect::<Vec<u32>>() }).to_string();
        let places: Vec<[Value; 2]> = (0..5_000).map(|at| [json!("list"), json!(at * 40)]).collect();
        let places: Vec<&[Value]> = places.iter().map(|place| &place[..]).collect();
        let started = std::time::Instant::now();
        let found = find(body.as_bytes(), &places);
        assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
        assert_eq!(found[4_999], Some(&b"199960"[..]));
    }

    proptest! {
        /// The witness is serde_json's tree.
        #[test]
        fn what_is_found_is_what_a_tree_has(texts in prop::collection::vec(r#"[a"\\\[\]{},: é]{0,6}"#, 0..6), pretty: bool) {
            let tree = json!({ "x": texts, "y": [[1, texts.first()], { "z": [true, null, 1e3, {}] }] });
            let body = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.expect("JSON");
            let places = [
                vec![], vec![json!("x")], vec![json!("x"), json!(1)], vec![json!("y"), json!(0), json!(1)],
                vec![json!("y"), json!(1), json!("z"), json!(2)], vec![json!("y"), json!(1), json!("z")],
            ];
            let slices: Vec<&[Value]> = places.iter().map(Vec::as_slice).collect();
            for (place, found) in places.iter().zip(find(body.as_bytes(), &slices)) {
                let expected = place.iter().try_fold(&tree, |value, part| match part {
                    Value::String(name) => value.get(name),
                    index => value.get(index.as_u64().expect("an index") as usize),
                });
                let found = found.map(|json| serde_json::from_slice::<Value>(json).expect("JSON"));
                prop_assert_eq!(found.as_ref(), expected);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), text in r#"[\[\]{}",:\\a1 ]{0,40}"#) {
            for json in [&bytes[..], text.as_bytes()] {
                let places = [[json!("a"), json!(0)], [json!(1), json!("a")]];
                find(json, &[&[], &places[0], &places[1], &places[0][..1]]);
            }
        }
    }
}
