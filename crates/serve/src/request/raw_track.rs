//! A track as it was sent, and its checks.

use serde::de::{IgnoredAny, MapAccess};
use serde_json::{json, Map, Value};

use super::did_you_mean;
use super::faults::{Detail, Faults, NO_VALUE};
use super::field_names::{FieldNames, Misspelt};
use super::json_number::JsonNumber;
use super::number;
use super::preview::MarkShape;
use super::shape::Shaped;
use hitflop_core::reader::{has_audio, FeatureRow};
use hitflop_core::track::{Decade, Feature};

/// Maximum number of fields of a track without a value that are kept to be shown.
const MAX_OTHER_FIELDS: usize = 16;

/// A track as it was sent: read, not yet checked.
#[derive(Clone, Debug)]
pub struct RawTrack {
    row: FeatureRow,
    /// Which features have a field, by bit.
    given: u32,
    /// Values that are not plain numbers.
    unusual: Vec<(Feature, JsonNumber)>,
    /// Unknown fields that look like a feature's name, each with that feature.
    misspelt: Vec<Misspelt>,
    /// The first fields that are no feature, as they are to be shown if the track turns out to have no value.
    others: Vec<(String, Value)>,
    /// An envelope's member that is no list, and its value.
    no_list: Option<Box<(&'static str, JsonNumber)>>,
}

/// A track whose every value is good.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedTrack {
    pub row: FeatureRow,
    /// Unknown fields that look like a feature's name, each with that feature.
    pub misspelt: Vec<Misspelt>,
}

/// A row of several: a track, none, or the faults.
pub type CheckedRow = Result<Option<CheckedTrack>, Vec<Detail>>;

impl CheckedTrack {
    /// Its decade, if it is given.
    pub fn decade(&self) -> Option<Decade> {
        let year = self.row[Feature::Decade as usize];
        Decade::from_year(year as i32).filter(|_| !year.is_nan())
    }
}

impl Default for RawTrack {
    fn default() -> RawTrack {
        RawTrack {
            row: [f64::NAN; Feature::ALL.len()],
            given: 0,
            unusual: Vec::new(),
            misspelt: Vec::new(),
            others: Vec::new(),
            no_list: None,
        }
    }
}

impl RawTrack {
    /// Takes a value that was sent for `feature`; of a value that was sent twice the last one counts.
    pub fn give(&mut self, feature: Feature, value: JsonNumber) {
        self.given |= 1 << feature as u32;
        if !self.unusual.is_empty() {
            self.unusual.retain(|(other, _)| *other != feature);
        }
        match value.plain(feature) {
            Ok(number) => self.row[feature as usize] = number,
            Err(sent) => self.unusual.push((feature, sent)),
        }
    }

    /// Notes a field that is no feature.
    pub fn note(&mut self, name: &str, names: &FieldNames) {
        names.note(name, &mut self.misspelt);
    }

    /// Notes fields that look like a feature's.
    pub fn note_misspelt(&mut self, misspelt: &[Misspelt]) {
        self.misspelt.extend_from_slice(misspelt);
    }

    /// Notes an envelope's member that is no list.
    pub fn note_no_list(&mut self, member: &'static str, found: JsonNumber) {
        self.no_list = Some(Box::new((member, found)));
    }

    /// Passes over the value of a field that is no feature. It is kept to be shown as long as the track has no value; most
    /// tracks begin with one.
    pub fn pass_over<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if self.is_bare() && self.others.len() < MAX_OTHER_FIELDS && name.len() <= did_you_mean::MAX_NAME_BYTES {
            let value = map.next_value_seed(Shaped(MarkShape))?;
            self.others.push((name.to_owned(), value));
            return Ok(());
        }
        map.next_value::<IgnoredAny>().map(drop)
    }

    /// Whether there is a field of `feature`, be it null.
    fn has(&self, feature: Feature) -> bool {
        self.given & 1 << feature as u32 != 0
    }

    /// Whether no audio feature has a value so far.
    fn is_bare(&self) -> bool {
        !has_audio(&self.row) && self.unusual.is_empty()
    }

    /// Whether `feature` has neither a value nor anything in its place.
    fn lacks(&self, feature: Feature) -> bool {
        self.row[feature as usize].is_nan() && !self.unusual.iter().any(|(other, _)| *other == feature)
    }

    /// The object that was sent, as far as it is kept.
    fn preview(&self) -> Value {
        let of_feature = |feature: Feature| {
            let sent = self.unusual.iter().find(|(other, _)| *other == feature).map(|(_, value)| value.to_value());
            let value = self.row[feature as usize];
            // A decade is a whole number.
            sent.unwrap_or_else(|| if value.is_nan() { Value::Null } else { json!(value as i64) })
        };
        let features = Feature::ALL.into_iter().filter(|feature| self.has(*feature));
        let fields: Map<String, Value> = features
            .map(|feature| (feature.name().to_owned(), of_feature(feature)))
            .chain(self.others.clone())
            .collect();
        Value::Object(fields)
    }

    /// A fault for each unknown field that looks like a feature's.
    fn suggestions(&self) -> impl Iterator<Item = Detail> + '_ {
        let sent =
            |name: &str| self.others.iter().find(|(other, _)| other == name).map_or(Value::Null, |it| it.1.clone());
        let fault =
            move |(name, feature): &Misspelt| did_you_mean::unknown_field(name, *feature, in_track(name), &sent(name));
        self.misspelt.iter().map(fault)
    }

    /// The track, if it is good as [`RawTrack::check`] says, else what it was.
    pub fn try_check(self) -> Result<CheckedTrack, Box<RawTrack>> {
        let mut row = self.row;
        for (feature, value) in &self.unusual {
            match number::read(*feature, value) {
                Ok(value) => row[*feature as usize] = value.unwrap_or(f64::NAN),
                Err(_) => return Err(Box::new(self)),
            }
        }
        match has_audio(&row) {
            true => Ok(CheckedTrack { row, misspelt: self.misspelt }),
            false => Err(Box::new(self)),
        }
    }

    /// The track, if every value is good and there is one of at least one audio feature.
    ///
    /// # Errors
    /// All faults, at `["body", feature]`. Where no audio feature has a value, misspelt ones are named.
    pub fn check(self) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_showing(RawTrack::preview)
    }

    /// As [`RawTrack::check`]; `whole` gives the whole object, to be shown in the faults.
    ///
    /// # Errors
    /// As [`RawTrack::check`].
    pub fn check_showing(self, whole: impl Fn(&RawTrack) -> Value) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_with(|track, row, faults| {
            let is_audio = |fault: &Detail| fault.loc.last() != Some(&json!(Feature::Decade.name()));
            if has_audio(row) || faults.iter().any(is_audio) {
                return;
            }
            faults.push(match track.no_list.as_deref() {
                Some((member, found)) => {
                    Detail::new("list_type", in_track(member), "Input should be a valid list", &found.to_value())
                }
                None => Detail::new("missing", vec![json!("body")], NO_VALUE, &whole(track)),
            });
        })
    }

    /// As [`RawTrack::check`], where fields of all `required` features must be there and not null; `whole` gives the whole
    /// object, to be shown in the faults.
    ///
    /// # Errors
    /// All faults, at `["body", feature]`, in the order of the features.
    pub fn check_required(self, required: &[Feature], whole: impl Fn() -> Value) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_with(|track, _, faults| {
            for &feature in required {
                let place = || in_track(feature.name());
                if !track.has(feature) {
                    faults.push(Detail::new("missing", place(), "Field required", &whole()));
                } else if track.lacks(feature) {
                    let broken = number::type_of(feature);
                    faults.push(Detail::new(broken.kind, place(), broken.msg, &Value::Null));
                }
            }
        })
    }

    /// The track, if every value is good and `further`, which is given the row and the faults of its values, adds none.
    fn check_with(
        self,
        further: impl FnOnce(&RawTrack, &FeatureRow, &mut Vec<Detail>),
    ) -> Result<CheckedTrack, Vec<Detail>> {
        let mut row = self.row;
        let mut faults = Faults::default();
        for (feature, value) in &self.unusual {
            faults.unusual_value(&mut row, *feature, value, || in_track(feature.name()));
        }
        let list = &mut faults.0;
        further(&self, &row, list);
        if !list.is_empty() {
            let order = |fault: &Detail| fault.loc.get(1).and_then(Value::as_str).and_then(Feature::from_name);
            list.sort_by_key(order);
            if list.iter().any(|fault| fault.kind == "missing") {
                list.extend(self.suggestions());
            }
        }
        faults.or(CheckedTrack { row, misspelt: self.misspelt })
    }
}

fn in_track(field: &str) -> Vec<Value> {
    vec![json!("body"), json!(field)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::json_number::NumberShape;
    use crate::request::request_body::BodyItem;
    use crate::request::shape;

    fn read(json: &[u8]) -> serde_json::Result<BodyItem> {
        BodyItem::from_slice(json, &FieldNames::default())
    }

    fn one(json: &Value) -> Result<CheckedTrack, Vec<Detail>> {
        match read(json.to_string().as_bytes()).expect("JSON") {
            BodyItem::Track(track) => track.check(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_counts_is_what_came_last() {
        let track = |json: &str| match read(json.as_bytes()).expect("JSON") {
            BodyItem::Track(track) => track.check(),
            other => panic!("{other:?}"),
        };
        let energy = |json: &str| track(json).expect("a track").row[Feature::Energy as usize];
        assert_eq!(energy(r#"{"energy": "loud", "energy": 0.5}"#), 0.5);
        assert_eq!(energy(r#"{"energy": "0.25", "energy": "0.5"}"#), 0.5);
        assert!(energy(r#"{"energy": 0.5, "energy": null, "tempo": 99}"#).is_nan());
        assert!(track(r#"{"energy": 0.5, "energy": "loud"}"#).is_err());
        assert_eq!(energy(r#"{"\u0065nergy": 0.5}"#), 0.5);
    }

    #[test]
    fn all_faults_are_reported_in_the_order_of_the_features() {
        let faults = one(&json!({ "decade": 5, "key": "C", "danceability": [], "energy": 0.5 })).expect_err("faults");
        let places: Vec<&Value> = faults.iter().map(|fault| &fault.loc[1]).collect();
        assert_eq!(places, ["danceability", "key", "decade"]);
        let nothing = one(&json!({ "name": "x" })).expect_err("no feature");
        assert_eq!((nothing[0].kind, nothing[0].loc.len()), ("missing", 1));
        // A decade is no sound, and where there is no sound a faulty decade is found besides.
        let faults = one(&json!({ "decade": 1985, "energy": null })).expect_err("faults");
        assert_eq!(faults.iter().map(|fault| fault.kind).collect::<Vec<_>>(), ["missing", "enum"]);
        assert_eq!((&*faults[0].input, &*faults[1].input), (&json!({ "energy": null, "decade": 1985 }), &json!(1985)));
        assert!(one(&json!({ "decade": 1980, "sections": 9 })).is_ok());
        assert!(one(&json!({ "decade": 1980, "key": -1 })).is_err());
    }

    #[test]
    fn where_nothing_is_understood_misspellings_are_named_and_the_object_is_shown() {
        let sent = json!({ "dancability": 0.5, "Energy": "0.7", "note": [1, { "a": 2 }], "decade": 1980 });
        let faults = one(&sent).expect_err("faults");
        let found: Vec<(&str, &Value)> = faults.iter().map(|it| (it.kind, &it.loc[it.loc.len() - 1])).collect();
        let expected = ["body", "dancability", "Energy"].map(|place| json!(place));
        assert_eq!(
            found,
            [("missing", &expected[0]), ("unknown_field", &expected[1]), ("unknown_field", &expected[2])]
        );
        assert_eq!(*faults[0].input, json!({ "decade": 1980, "dancability": 0.5, "Energy": "0.7", "note": "[…]" }));
        assert_eq!(faults[1].msg, "\"dancability\" is no feature; did you mean \"danceability\"?");
        assert_eq!((&*faults[1].input, &*faults[2].input), (&json!(0.5), &json!("0.7")));
        // With something to go by they are no faults.
        assert!(one(&json!({ "dancability": 0.5, "energy": 0.7 })).is_ok());
    }

    #[test]
    fn required_features_must_be_there() {
        let BodyItem::Track(track) = read(br#"{"energy": null, "mode": "x", "tempo": 99}"#).expect("JSON") else {
            panic!("no track");
        };
        let whole = || json!("whole");
        let required = [Feature::Energy, Feature::Mode, Feature::Valence, Feature::Tempo];
        let faults = track.check_required(&required, whole).expect_err("faults");
        let found: Vec<(&str, &Value)> = faults.iter().map(|fault| (fault.kind, &*fault.input)).collect();
        assert_eq!(found, [("float_type", &Value::Null), ("int_parsing", &json!("x")), ("missing", &json!("whole"))]);
    }

    proptest! {
        /// Against a reading of the whole document as [`Value`] first, and each field by the rules of `number`.
        #[test]
        fn one_pass_reads_what_two_would(fields in prop::collection::vec((any::<prop::sample::Index>(), value()), 0..20)) {
            let object: serde_json::Map<String, Value> = fields
                .iter()
                .map(|(index, value)| (Feature::ALL[index.index(16)].name().to_owned(), value.clone()))
                .collect();
            let mut expected = [f64::NAN; 16];
            let mut faults = 0;
            for (name, value) in &object {
                let feature = Feature::from_name(name).expect("a feature");
                let sent = shape::read(value.to_string().as_bytes(), NumberShape).expect("JSON");
                match number::read(feature, &sent) {
                    Ok(number) => expected[feature as usize] = number.unwrap_or(f64::NAN),
                    Err(_) => faults += 1,
                }
            }
            let BodyItem::Track(read) = read(json!(object).to_string().as_bytes()).expect("JSON") else {
                panic!("no track")
            };
            let good = one(&Value::Object(object.clone()));
            prop_assert_eq!(read.try_check().is_ok(), good.is_ok());
            match good {
                Ok(track) => {
                    prop_assert_eq!(faults, 0);
                    prop_assert_eq!(track.row.map(f64::to_bits), expected.map(f64::to_bits));
                }
                Err(found) => {
                    let of_values = found.iter().filter(|fault| fault.kind != "missing").count();
                    prop_assert_eq!(of_values, faults);
                    let is_audio = |fault: &Detail| fault.loc[1] != "decade";
                    let is_missing = !has_audio(&expected) && !found.iter().filter(|fault| fault.loc.len() > 1).any(is_audio);
                    prop_assert_eq!(found.len() - of_values, usize::from(is_missing));
                }
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<f64>().prop_map(|number| json!(number)),
            any::<i32>().prop_map(|number| json!(number)),
            (0..210).prop_map(|tens| json!(tens * 10)),
            "[-+0-9.eEs ]{0,8}".prop_map(|text| json!(text)),
            any::<bool>().prop_map(|truth| json!(truth)),
            Just(Value::Null),
            Just(json!([1, { "a": 2 }])),
        ]
    }
}
