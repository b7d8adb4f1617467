//! A track as it was sent, and its checks.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::{json, Map, Value};

use super::field_names::{self, ColumnId, FieldMeaning, FieldNames, Misspelt};
use super::json_number::{JsonNumber, NumberShape};
use super::preview::MarkShape;
use super::row_reader::ColumnNote;
use super::shape::Shaped;
use super::track_rows::TrackRows;
use super::value_fault;
use crate::answer::faults::{Detail, NO_VALUE};
use crate::answer::rejection::Rejection;
use hitflop_core::reader::mapping::TrackTexts;
use hitflop_core::reader::name::MAX_COMPARED_BYTES;
use hitflop_core::reader::value::{self, ValueFault, ValueRule};
use hitflop_core::reader::{has_audio, Cell, FeatureRow};
use hitflop_core::track::{Decade, Feature};

/// Maximum number of fields of a track that may be a feature's by another name; a row with more is no row of features.
const MAX_COLUMNS_OF_TRACK: usize = 64;
/// Maximum number of fields of a track without a value that are kept to be shown.
const MAX_OTHER_FIELDS: usize = 16;

/// A track as it was sent: read, not yet checked.
#[derive(Clone, Debug)]
pub(crate) struct RawTrack {
    row: FeatureRow,
    /// Which features have a field, by bit.
    given: u32,
    /// Values that are not plain numbers.
    unusual: Vec<(Feature, JsonNumber)>,
    /// Values of fields that may be a feature's by another name.
    columns: Vec<(ColumnId, JsonNumber)>,
    /// Unknown fields that look like a feature's name, each with that feature.
    misspelt: Vec<Misspelt>,
    /// The first fields that are no feature, as they are to be shown if the track turns out to have no value.
    others: Vec<(String, Value)>,
    /// An envelope's member that is no list, and its value.
    no_list: Option<Box<(&'static str, JsonNumber)>>,
}

/// A track whose every value is good.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedTrack {
    pub row: FeatureRow,
    /// Unknown fields that look like a feature's name, each with that feature.
    pub misspelt: Vec<Misspelt>,
    /// Fields of other names than the documented ones.
    pub notes: Vec<ColumnNote>,
    /// Title, artist and URI, where they are read as well.
    pub texts: Option<Box<SentTexts>>,
}

/// Texts of a track, as far as it has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SentTexts {
    pub title: Option<String>,
    pub artist: Option<String>,
    pub uri: Option<String>,
}

impl From<TrackTexts<'_>> for SentTexts {
    fn from(texts: TrackTexts) -> SentTexts {
        let owned = |text: Option<Cow<str>>| text.map(Cow::into_owned);
        SentTexts { title: owned(texts.title), artist: owned(texts.artist), uri: owned(texts.uri) }
    }
}

/// A row of several: a track, none, or the faults.
pub(crate) type CheckedRow = Result<Option<CheckedTrack>, Vec<Detail>>;

/// The values of a track, and those that break a rule, in the order of the features.
pub(super) struct ReadValues<'t> {
    pub row: FeatureRow,
    pub faults: Vec<SentFault<'t>>,
    pub notes: Vec<ColumnNote>,
}

/// A value that breaks a rule.
pub(crate) struct SentFault<'t> {
    pub feature: Feature,
    pub field: &'t str,
    pub sent: &'t JsonNumber,
    pub fault: ValueFault,
}

impl SentFault<'_> {
    /// The fault at a place.
    pub(crate) fn detail(&self, loc: Vec<Value>) -> Detail {
        let (kind, msg) = value_fault::of_value(self.feature, self.sent, self.fault);
        Detail::new(kind, loc, msg, &self.sent.to_value())
    }
}

impl CheckedTrack {
    /// Its decade, if it is given.
    pub(crate) fn decade(&self) -> Option<Decade> {
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
            columns: Vec::new(),
            misspelt: Vec::new(),
            others: Vec::new(),
            no_list: None,
        }
    }
}

impl RawTrack {
    /// Takes a value that was sent for `feature`; of a value that was sent twice the last one counts.
    pub(crate) fn give(&mut self, feature: Feature, value: JsonNumber) {
        self.given |= 1 << feature as u32;
        if !self.unusual.is_empty() {
            self.unusual.retain(|(other, _)| *other != feature);
        }
        match value.plain(feature) {
            Ok(number) => self.row[feature as usize] = number,
            Err(sent) => {
                self.row[feature as usize] = f64::NAN;
                self.unusual.push((feature, sent));
            }
        }
    }

    /// Takes a value of a field that may be a feature's; of a value that was sent twice the last one counts.
    pub(crate) fn give_column(&mut self, column: ColumnId, value: JsonNumber) {
        let is_full = self.columns.len() >= MAX_COLUMNS_OF_TRACK;
        match self.columns.iter_mut().find(|(other, _)| *other == column) {
            Some((_, known)) => *known = value,
            None if is_full => {}
            None => self.columns.push((column, value)),
        }
    }

    /// Reads the value of a field.
    pub(crate) fn take<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        names: &FieldNames,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match names.meaning(name) {
            FieldMeaning::Feature(feature) => self.give(feature, map.next_value_seed(Shaped(NumberShape))?),
            FieldMeaning::Column(column) => self.give_column(column, map.next_value_seed(Shaped(NumberShape))?),
            FieldMeaning::Misspelt(found) => {
                self.note(found);
                self.pass_over(name, map)?;
            }
            FieldMeaning::Other => self.pass_over(name, map)?,
        }
        Ok(())
    }

    /// Notes a field that looks like a feature's.
    pub(crate) fn note(&mut self, found: Misspelt) {
        field_names::note(&mut self.misspelt, found);
    }

    /// Notes an envelope's member that is no list.
    pub(crate) fn note_no_list(&mut self, member: &'static str, found: JsonNumber) {
        self.no_list = Some(Box::new((member, found)));
    }

    /// Passes over the value of a field that is no feature. It is kept to be shown as long as the track has no value; most
    /// tracks begin with one.
    fn pass_over<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if self.is_bare() && self.others.len() < MAX_OTHER_FIELDS && name.len() <= MAX_COMPARED_BYTES {
            let value = map.next_value_seed(Shaped(MarkShape))?;
            self.others.push((name.to_owned(), value));
            return Ok(());
        }
        map.next_value::<IgnoredAny>().map(drop)
    }

    /// Whether there is a field of `feature`, be it null.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.given & 1 << feature as u32 != 0
    }

    /// What was sent for `feature` by its documented name.
    pub(crate) fn cell(&self, feature: Feature) -> Cell<'_> {
        match self.row[feature as usize] {
            value if !value.is_nan() => Cell::Number(value),
            _ => self.unusual(feature).map_or(Cell::Missing, JsonNumber::cell),
        }
    }

    pub(super) fn unusual(&self, feature: Feature) -> Option<&JsonNumber> {
        self.unusual.iter().find(|(other, _)| *other == feature).map(|(_, value)| value)
    }

    /// Values of fields that may be a feature's by another name.
    pub(crate) fn columns(&self) -> &[(ColumnId, JsonNumber)] {
        &self.columns
    }

    /// The value of such a field.
    pub(crate) fn column(&self, column: ColumnId) -> Option<&JsonNumber> {
        self.columns.iter().find(|(other, _)| *other == column).map(|(_, value)| value)
    }

    /// The unknown fields that look like a feature's.
    pub(crate) fn misspelt(&self) -> &[Misspelt] {
        &self.misspelt
    }

    /// Whether no audio feature has a value so far.
    fn is_bare(&self) -> bool {
        !has_audio(&self.row) && self.unusual.is_empty() && self.columns.is_empty()
    }

    /// The object that was sent, as far as it is kept.
    pub(super) fn preview(&self) -> Value {
        let of_feature = |feature: Feature| match self.row[feature as usize] {
            // A decade is a whole number.
            value if !value.is_nan() => json!(value as i64),
            _ => self.unusual(feature).map_or(Value::Null, JsonNumber::to_value),
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
            move |(name, feature): &Misspelt| field_names::unknown_field(name, *feature, in_track(name), &sent(name));
        self.misspelt.iter().map(fault)
    }

    /// The track on its own, if every value is good and there is one of at least one audio feature; `whole` gives the whole
    /// object, to be shown in the faults.
    ///
    /// # Errors
    /// All faults, at `["body", field]`. Where no audio feature has a value, misspelt ones are named. Or fields contradict each
    /// other.
    pub(crate) fn check_alone(self, names: &FieldNames, whole: impl Fn() -> Value) -> Result<CheckedTrack, Rejection> {
        if self.columns.is_empty() {
            return Ok(self.good_or_faults(self.read_plain(), |_| whole())?);
        }
        let rows = TrackRows::new(vec![&self], names)?;
        Ok(self.good_or_faults(rows.read(0), |_| whole())?)
    }

    /// The track on its own, where all `required` features must have a value; `whole` gives the whole object, to be shown in the
    /// faults.
    ///
    /// # Errors
    /// All faults, at `["body", field]`, in the order of the features. Or fields contradict each other.
    pub(crate) fn check_required(
        self,
        names: &FieldNames,
        required: &[Feature],
        whole: impl Fn() -> Value,
    ) -> Result<CheckedTrack, Rejection> {
        let rows = if self.columns.is_empty() { None } else { Some(TrackRows::new(vec![&self], names)?) };
        let read = rows.as_ref().map_or_else(|| self.read_plain(), |rows| rows.read(0));
        let is_given =
            |feature| self.has(feature) || rows.as_ref().is_some_and(|rows| rows.columns().mapping.gives(feature));
        let mut faults: Vec<(Feature, Detail)> =
            read.faults.iter().map(|fault| (fault.feature, fault.detail(in_track(fault.field)))).collect();
        for &feature in required {
            let is_faulty = read.faults.iter().any(|fault| fault.feature == feature);
            let place = || in_track(feature.name());
            if !is_given(feature) {
                faults.push((feature, Detail::new("missing", place(), "Field required", &whole())));
            } else if read.row[feature as usize].is_nan() && !is_faulty && !self.is_no_key(feature) {
                let (kind, msg) = value_fault::of_type(feature);
                faults.push((feature, Detail::new(kind, place(), msg, &Value::Null)));
            }
        }
        faults.sort_by_key(|(feature, _)| *feature);
        let faults = faults.into_iter().map(|(_, fault)| fault).collect();
        Ok(self.with_suggestions(read, faults)?)
    }

    /// Whether no key was detected, which is a value that a client may send.
    fn is_no_key(&self, feature: Feature) -> bool {
        feature == Feature::Key
            && match self.cell(feature) {
                Cell::Text(text) => !value::is_missing(text),
                cell => cell != Cell::Missing,
            }
    }

    /// The values by their documented names.
    pub(super) fn read_plain(&self) -> ReadValues<'_> {
        let mut read = ReadValues { row: self.row, faults: Vec::new(), notes: Vec::new() };
        for (feature, sent) in &self.unusual {
            match value::read(*feature, sent.cell(), &ValueRule::default()) {
                Ok(value) => read.row[*feature as usize] = value,
                Err(fault) => {
                    read.faults.push(SentFault { feature: *feature, field: feature.name(), sent, fault });
                }
            }
        }
        read.faults.sort_by_key(|fault| fault.feature);
        read
    }

    /// The track of its values, or all faults.
    pub(super) fn good_or_faults(
        &self,
        read: ReadValues,
        whole: impl Fn(&RawTrack) -> Value,
    ) -> Result<CheckedTrack, Vec<Detail>> {
        let mut faults: Vec<Detail> = Vec::new();
        let has_audio_fault = read.faults.iter().any(|fault| fault.feature != Feature::Decade);
        if !has_audio(&read.row) && !has_audio_fault {
            faults.push(match self.no_list.as_deref() {
                Some((member, found)) => {
                    Detail::new("list_type", in_track(member), "Input should be a valid list", &found.to_value())
                }
                None => Detail::new("missing", vec![json!("body")], NO_VALUE, &whole(self)),
            });
        }
        faults.extend(read.faults.iter().map(|fault| fault.detail(in_track(fault.field))));
        self.with_suggestions(read, faults)
    }

    /// The track of its values if there is no fault. Where something is missing, misspelt names are named.
    fn with_suggestions(&self, read: ReadValues, mut faults: Vec<Detail>) -> Result<CheckedTrack, Vec<Detail>> {
        if faults.is_empty() {
            return Ok(CheckedTrack { row: read.row, misspelt: self.misspelt.clone(), notes: read.notes, texts: None });
        }
        if faults.iter().any(|fault| fault.kind == "missing") {
            faults.extend(self.suggestions());
        }
        Err(faults)
    }
}

fn in_track(field: &str) -> Vec<Value> {
    vec![json!("body"), json!(field)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::answer::warning::WarningKind;
    use crate::request::json_number::NumberShape;
    use crate::request::request_body::BodyItem;
    use crate::request::shape;

    fn read(json: &[u8]) -> serde_json::Result<BodyItem> {
        BodyItem::from_slice(json, &FieldNames::default())
    }

    fn one(json: &Value) -> Result<CheckedTrack, Vec<Detail>> {
        match read(json.to_string().as_bytes()).expect("JSON") {
            BodyItem::Track(track) => check(*track),
            other => panic!("{other:?}"),
        }
    }

    fn check(track: RawTrack) -> Result<CheckedTrack, Vec<Detail>> {
        let rows = TrackRows::new(vec![&track], &FieldNames::default()).expect("no columns");
        let checked = rows.check(0);
        assert_eq!(rows.good(0).is_some(), checked.is_ok());
        checked
    }

    #[test]
    fn what_counts_is_what_came_last() {
        let track = |json: &str| match read(json.as_bytes()).expect("JSON") {
            BodyItem::Track(track) => check(*track),
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
        let faults = one(&json!({ "decade": 5, "key": "H", "danceability": [], "energy": 0.5 })).expect_err("faults");
        let places: Vec<&Value> = faults.iter().map(|fault| &fault.loc[1]).collect();
        assert_eq!(places, ["danceability", "key", "decade"]);
        let nothing = one(&json!({ "name": "x" })).expect_err("no feature");
        assert_eq!((nothing[0].kind, nothing[0].loc.len()), ("missing", 1));
        // A decade is no sound, and where there is no sound a faulty decade is found besides.
        let faults = one(&json!({ "decade": 1885, "energy": null })).expect_err("faults");
        assert_eq!(faults.iter().map(|fault| fault.kind).collect::<Vec<_>>(), ["missing", "enum"]);
        assert_eq!((&*faults[0].input, &*faults[1].input), (&json!({ "energy": null, "decade": 1885 }), &json!(1885)));
        assert!(one(&json!({ "decade": 1980, "sections": 9 })).is_ok());
        assert!(one(&json!({ "decade": 1980, "key": -1 })).is_err());
    }

    #[test]
    fn where_nothing_is_understood_misspellings_are_named_and_the_object_is_shown() {
        let sent = json!({ "dancability": 0.5, "enrgy": "0.7", "note": [1, { "a": 2 }], "decade": 1980 });
        let faults = one(&sent).expect_err("faults");
        let found: Vec<(&str, &Value)> = faults.iter().map(|it| (it.kind, &it.loc[it.loc.len() - 1])).collect();
        let expected = ["body", "dancability", "enrgy"].map(|place| json!(place));
        assert_eq!(
            found,
            [("missing", &expected[0]), ("unknown_field", &expected[1]), ("unknown_field", &expected[2])]
        );
        assert_eq!(*faults[0].input, json!({ "decade": 1980, "dancability": 0.5, "enrgy": "0.7", "note": "[…]" }));
        assert_eq!(faults[1].msg, "\"dancability\" is not a feature; did you mean \"danceability\"?");
        assert_eq!((&*faults[1].input, &*faults[2].input), (&json!(0.5), &json!("0.7")));
        // With something to go by they are no faults.
        assert!(one(&json!({ "dancability": 0.5, "energy": 0.7 })).is_ok());
    }

    fn checked(json: &Value) -> CheckedTrack {
        let names = FieldNames::default();
        match BodyItem::from_slice(json.to_string().as_bytes(), &names).expect("JSON") {
            BodyItem::Track(track) => track.check_alone(&names, || Value::Null).expect("a track"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_names_are_read_and_reported() {
        let plain = checked(&json!({ "duration_ms": 217_000, "energy": 0.5, "decade": 1980, "key": 1, "mode": 0 }));
        assert_eq!(plain.notes, []);
        let other = checked(&json!({
            "durationMs": 217_000, "Energy": 0.5, "release_date": "1988-05-01", "key": "C# minor", "id": "x",
        }));
        assert_eq!(other.row.map(f64::to_bits), plain.row.map(f64::to_bits));
        let fields: Vec<&str> = other.notes.iter().map(|note| &*note.field).collect();
        assert_eq!(fields, ["key", "durationMs", "Energy", "release_date"]);
        assert!(other.notes.iter().all(|note| note.kind == WarningKind::RenamedField));
    }

    #[test]
    fn required_features_must_be_there() {
        let BodyItem::Track(track) = read(br#"{"energy": null, "mode": "x", "tempo": 99}"#).expect("JSON") else {
            panic!("no track");
        };
        let whole = || json!("whole");
        let required = [Feature::Energy, Feature::Mode, Feature::Valence, Feature::Tempo];
        let Err(Rejection::Invalid(faults)) = track.check_required(&FieldNames::default(), &required, whole) else {
            panic!("no faults")
        };
        let found: Vec<(&str, &Value)> = faults.iter().map(|fault| (fault.kind, &*fault.input)).collect();
        assert_eq!(found, [("float_type", &Value::Null), ("int_parsing", &json!("x")), ("missing", &json!("whole"))]);
    }

    proptest! {
        /// Against a reading of the whole document as [`Value`] first, and each field by the reader.
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
                match value::read(feature, sent.cell(), &ValueRule::default()) {
                    Ok(number) => expected[feature as usize] = number,
                    Err(_) => faults += 1,
                }
            }
            let good = one(&Value::Object(object.clone()));
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
