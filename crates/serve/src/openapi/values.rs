//! The schemas of the values of features: numbers, and the texts that the reader of `hitflop-core` takes for one. A text that
//! spells a number in a rarer way (`1,292`, `55 %`, `May 14, 1973`) is accepted too, though no schema lists it.

use serde_json::{json, Value};

use hitflop_core::reader::value::{FIRST_YEAR, LAST_YEAR, NO_KEY};
use hitflop_core::track::Feature;

/// Texts for a missing value, in any case of letters.
const MISSING: &str =
    "([nN][aA]|[nN]/[aA]|[+-]?[nN][aA][nN]|[nN][uU][lL][lL]|[nN][oO][nN][eE]|[nN][iI][lL]|[nN][aA][tT]|--?|\\?|\
                       #[nN]/[aA]|#[nN][aA]|<[nN][aA]>)?";
/// A number with up to forty digits before and after the point.
const NUMBER: &str = "[+-]?([0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?";
/// A whole number, perhaps with a fraction of zeros.
const WHOLE: &str = "[+-]?[0-9]{1,9}(\\.0{0,40})?";
/// A key by its name (`C#`, `D♭ major`, `Gm`), by Camelot's wheel (`8A`) or by Open Key (`1d`).
const KEY: &str =
    "([A-Ga-g](#|b|♯|♭)?([ -]?([mM]|[mM][aA][jJ]([oO][rR])?|[mM][iI][nN]([oO][rR])?))?|(0?[1-9]|1[0-2])[aAbBdDmM])";
const MODE: &str = "([mM][aA][jJ]([oO][rR])?|[mM][iI][nN]([oO][rR])?|[dD][uU][rR]|[mM][oO][lL][lL])";
/// Beats of a bar, as in `4/4`.
const METER: &str = "([1-9]|[12][0-9]|3[0-2])/([1-9]|[12][0-9]|3[0-2])";
/// `3:37`
const CLOCK: &str = "[0-9]{1,4}:[0-5][0-9](\\.[0-9]{1,9})?";
/// `60s`, `'60s`, `1960`, a year, or a date that begins with one.
const DECADE: &str = "('?(19[3-9]0|20[0-2]0|[3-9]0|[0-2]0)[sS]|(19[0-9]{2}|20[0-2][0-9])(\\.0|-[0-9]{2}(-[0-9]{2})?)?|([3-9]0|[0-2]0|0)(\\.0)?)";

/// A value of a feature; with `may_be_missing`, also the words for a missing one.
pub(crate) fn value(feature: Feature, may_be_missing: bool) -> Value {
    let mut kinds = match feature {
        Feature::Decade => {
            let short: Vec<i32> = (30..=90).step_by(10).chain([0, 10, 20]).collect();
            vec![
                json!({ "type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR }),
                json!({ "enum": short }),
                text(DECADE),
            ]
        }
        _ if feature.is_whole() => vec![
            json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }),
            text(WHOLE),
            json!({ "type": "boolean" }),
        ],
        _ => vec![
            json!({ "type": "number", "minimum": f64::MIN, "maximum": f64::MAX }),
            text(NUMBER),
            json!({ "type": "boolean" }),
        ],
    };
    kinds.extend(match feature {
        Feature::Key => Some(text(KEY)),
        Feature::Mode => Some(text(MODE)),
        Feature::TimeSignature => Some(text(METER)),
        Feature::DurationMs => Some(text(CLOCK)),
        _ => None,
    });
    if may_be_missing {
        kinds.extend([json!({ "type": "null" }), text(MISSING)]);
    }
    json!({ "anyOf": kinds })
}

/// Values that are accepted for a feature and mean a missing value.
pub(crate) fn no_value(feature: Feature) -> Value {
    let mut kinds = vec![json!({ "type": "null" }), text(MISSING)];
    if feature == Feature::Key {
        kinds.extend([json!({ "const": NO_KEY as i32 }), text("-0{0,8}1(\\.0{0,40})?")]);
    }
    json!({ "anyOf": kinds })
}

/// A text of this pattern, with spaces around it.
fn text(pattern: &str) -> Value {
    let space = "[ \\t\\r\\n]*";
    json!({ "type": "string", "pattern": format!("^{space}({pattern}){space}$") })
}
