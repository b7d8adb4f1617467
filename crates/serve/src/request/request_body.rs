//! The shapes in which audio features circulate, read in one pass over the JSON.
//!
//! | shape | where from |
//! |---|---|
//! | `{"energy": 0.5, …}` | the notebook's client, a row of a table |
//! | the same with `id`, `uri`, `type`, `track_href`, `analysis_url` | Spotify's audio features of one track |
//! | `{"audio_features": [{…} or null, …]}` | Spotify's of several |
//! | `{"content": [{…}, …]}` | ReccoBeats' of several |
//!
//! Numbers go straight to their place in a row; only what is no plain number is kept as JSON for [`RawTrack::check`] to judge, so
//! that a good request costs no more than its digits.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::Deserialize;
use serde_json::{json, Map, Number, Value};

use super::did_you_mean;
use super::number;
use super::preview::ValuePreview;
use crate::http::rejection::Detail;
use hitflop_core::track::{Decade, Feature};

/// Every feature in the order of [`Feature::ALL`], in its unit; NaN is missing.
pub type FeatureRow = [f64; Feature::ALL.len()];

/// Most unknown fields of a track that are kept to be judged; a row with more is no row of features.
const MAX_UNKNOWN_FIELDS: usize = 64;
/// Most bytes of an unknown field's name that could be a misspelt feature's.
pub const MAX_FIELD_NAME_BYTES: usize = 64;

/// Most fields of a track without a value that are kept to be shown.
const MAX_OTHER_FIELDS: usize = 16;
/// What a track without a value breaks.
pub const NO_VALUE: &str = "A track needs a value of at least one of the audio features, the decade aside";

/// Members that hold several tracks.
pub const ENVELOPES: [&str; 2] = ["audio_features", "content"];

/// A track as it was sent: read, not yet judged.
#[derive(Clone, Debug)]
pub struct RawTrack {
    row: FeatureRow,
    /// Which features have a field, by bit.
    given: u32,
    /// Values that are not plain numbers.
    odd: Vec<(Feature, Value)>,
    /// Fields that are neither features nor known metadata.
    unknown: Vec<String>,
    /// The first fields that are no feature, as they are to be shown if the track turns out to have no value.
    others: Vec<(String, Value)>,
    /// An envelope's member that is no list, and what it is.
    no_list: Option<Box<(&'static str, Value)>>,
}

/// A track whose every value is good.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedTrack {
    /// Its values.
    pub row: FeatureRow,
    /// Unknown fields that look like a feature's name, each with that feature.
    pub misspelt: Vec<(String, Feature)>,
}

impl CheckedTrack {
    /// Its decade, if it is given.
    pub fn decade(&self) -> Option<Decade> {
        let year = self.row[Feature::Decade as usize];
        Decade::from_year(year as i32).filter(|_| !year.is_nan())
    }
}

/// Whether a row has a value of any audio feature, without which there is nothing to go by.
pub fn has_audio(row: &FeatureRow) -> bool {
    row[..Feature::AUDIO.len()].iter().any(|value| !value.is_nan())
}

/// One element of a list of tracks.
#[derive(Clone, Debug)]
pub enum BodyItem {
    /// An object.
    Track(RawTrack),
    /// No track is known there.
    Null,
    /// Something else, which is no track.
    Other(Value),
}

/// A whole body: one track, or an envelope with several.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// One track.
    One(RawTrack),
    /// An envelope's member and its tracks.
    Several(&'static str, BodyItems),
    /// Something else.
    Other(Value),
}

/// A list of tracks, of which only so many are kept.
#[derive(Clone, Debug, Default)]
pub struct BodyItems {
    /// The first ones.
    pub kept: Vec<BodyItem>,
    /// How many there are.
    pub count: usize,
}

impl Default for RawTrack {
    fn default() -> RawTrack {
        RawTrack {
            row: [f64::NAN; Feature::ALL.len()],
            given: 0,
            odd: Vec::new(),
            unknown: Vec::new(),
            others: Vec::new(),
            no_list: None,
        }
    }
}

impl RawTrack {
    /// A body of one track, as the notebook's client sends it. What is no object is told apart.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn from_slice(json: &[u8]) -> serde_json::Result<BodyItem> {
        serde_json::from_slice(without_mark(json))
    }

    /// Takes a value that was sent for `feature`; one that was sent twice counts as it came last.
    pub fn give(&mut self, feature: Feature, value: JsonNumber) {
        self.given |= 1 << feature as u32;
        if !self.odd.is_empty() {
            self.odd.retain(|(other, _)| *other != feature);
        }
        match value {
            JsonNumber::Number(number) => self.give_number(feature, number, || json!(number)),
            JsonNumber::Whole(number) => {
                self.give_number(feature, number.as_f64().unwrap_or(f64::NAN), || Value::Number(number))
            }
            JsonNumber::Null => self.row[feature as usize] = f64::NAN,
            JsonNumber::Other(value) => self.odd.push((feature, value)),
        }
    }

    /// Takes a number that is good as it stands, or keeps it as it was sent.
    fn give_number(&mut self, feature: Feature, number: f64, sent: impl FnOnce() -> Value) {
        match number::is_plain(feature, number) {
            true => self.row[feature as usize] = number,
            false => self.odd.push((feature, sent())),
        }
    }

    /// Notes a field that is no feature.
    pub fn note(&mut self, name: &str) {
        if name.len() <= MAX_FIELD_NAME_BYTES
            && self.unknown.len() < MAX_UNKNOWN_FIELDS
            && !did_you_mean::is_metadata(name)
        {
            self.unknown.push(name.to_owned());
        }
    }

    /// Passes over the value of a field that is no feature. It is kept to be shown as long as there is no value to go by; most
    /// tracks begin with one.
    fn pass_over<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if self.is_bare() && self.others.len() < MAX_OTHER_FIELDS && name.len() <= MAX_FIELD_NAME_BYTES {
            let ValuePreview(value) = map.next_value()?;
            self.others.push((name.to_owned(), value));
            return Ok(());
        }
        map.next_value::<IgnoredAny>().map(drop)
    }

    /// Whether there is a field of `feature`, be it null.
    pub fn has(&self, feature: Feature) -> bool {
        self.given & 1 << feature as u32 != 0
    }

    /// Whether no audio feature has a value so far.
    fn is_bare(&self) -> bool {
        !has_audio(&self.row) && self.odd.is_empty()
    }

    /// Whether `feature` has neither a value nor what should be one.
    fn lacks(&self, feature: Feature) -> bool {
        self.row[feature as usize].is_nan() && !self.odd.iter().any(|(odd, _)| *odd == feature)
    }

    /// The object that was sent, as far as it is kept.
    fn shown(&self) -> Value {
        let of_feature = |feature: Feature| {
            let odd = self.odd.iter().find(|(odd, _)| *odd == feature).map(|(_, value)| value.clone());
            let value = self.row[feature as usize];
            // A decade is a whole number.
            odd.unwrap_or_else(|| if value.is_nan() { Value::Null } else { json!(value as i64) })
        };
        let features = Feature::ALL.into_iter().filter(|feature| self.has(*feature));
        let fields: Map<String, Value> = features
            .map(|feature| (feature.name().to_owned(), of_feature(feature)))
            .chain(self.others.clone())
            .collect();
        Value::Object(fields)
    }

    /// A fault for each unknown field that looks like a feature's.
    fn misspelt(&self) -> impl Iterator<Item = Detail> + '_ {
        let sent =
            |name: &str| self.others.iter().find(|(other, _)| other == name).map_or(Value::Null, |it| it.1.clone());
        self.unknown
            .iter()
            .filter_map(move |name| Some(did_you_mean::fault(name, did_you_mean::feature(name)?, &sent(name))))
    }

    /// The track, if every value is good and there is one of at least one audio feature.
    ///
    /// # Errors
    /// All faults, at `["body", feature]`. Where no audio feature has a value, misspelt ones are named.
    pub fn check(self) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_showing(RawTrack::shown)
    }

    /// As [`RawTrack::check`], where `whole` gives the whole object, to be shown in the faults.
    ///
    /// # Errors
    /// As [`RawTrack::check`].
    pub fn check_showing(self, whole: impl Fn(&RawTrack) -> Value) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_with(|draft, row, faults| {
            let is_audio = |fault: &Detail| fault.loc.last() != Some(&json!(Feature::Decade.name()));
            if has_audio(row) || faults.iter().any(is_audio) {
                return;
            }
            faults.push(match draft.no_list.as_deref() {
                Some((member, found)) => {
                    Detail::new("list_type", vec![json!("body"), json!(member)], "Input should be a valid list", found)
                }
                None => Detail::new("missing", vec![json!("body")], NO_VALUE, &whole(draft)),
            });
        })
    }

    /// As [`RawTrack::check`], where fields of all `required` features must be there and not null; `whole` gives the whole
    /// object, to be shown in the faults.
    ///
    /// # Errors
    /// All faults, at `["body", feature]`, in the order of the features.
    pub fn check_required(self, required: &[Feature], whole: impl Fn() -> Value) -> Result<CheckedTrack, Vec<Detail>> {
        self.check_with(|draft, _, faults| {
            for &feature in required {
                let place = || vec![json!("body"), json!(feature.name())];
                if !draft.has(feature) {
                    faults.push(Detail::new("missing", place(), "Field required", &whole()));
                } else if draft.lacks(feature) {
                    faults.push(number::type_of(feature).detail(feature, &Value::Null));
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
        let mut faults = Vec::new();
        for (feature, value) in &self.odd {
            match number::read(*feature, value) {
                Ok(number) => row[*feature as usize] = number.unwrap_or(f64::NAN),
                Err(broken) => faults.push(broken.detail(*feature, value)),
            }
        }
        further(&self, &row, &mut faults);
        if !faults.is_empty() {
            let order = |fault: &Detail| fault.loc.get(1).and_then(Value::as_str).and_then(Feature::from_name);
            faults.sort_by_key(order);
            if faults.iter().any(|fault| fault.kind == "missing") {
                faults.extend(self.misspelt());
            }
            return Err(faults);
        }
        let guess = |name: String| did_you_mean::feature(&name).map(|feature| (name, feature));
        Ok(CheckedTrack { row, misspelt: self.unknown.into_iter().filter_map(guess).collect() })
    }
}

impl RequestBody {
    /// The body of a request for one track or an envelope of several, of which `most` are kept.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn from_slice(json: &[u8], most: usize) -> serde_json::Result<RequestBody> {
        let mut deserializer = serde_json::Deserializer::from_slice(without_mark(json));
        let body = TrackVisitor { most: Some(most) }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(match body {
            (BodyItem::Track(_), Some((member, items))) => RequestBody::Several(member, items),
            (BodyItem::Track(draft), None) => RequestBody::One(draft),
            (BodyItem::Null, _) => RequestBody::Other(Value::Null),
            (BodyItem::Other(value), _) => RequestBody::Other(value),
        })
    }
}

impl BodyItems {
    /// A body that is an array of tracks, of which `most` are kept; an envelope is taken for its array. `Err` within is what
    /// it is instead.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn from_slice(
        json: &[u8],
        most: usize,
    ) -> serde_json::Result<Result<(Option<&'static str>, BodyItems), Value>> {
        let json = without_mark(json);
        if json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            let mut deserializer = serde_json::Deserializer::from_slice(json);
            let items = BodyItemsVisitor { most }.deserialize(&mut deserializer)?;
            deserializer.end()?;
            return Ok(items.map(|items| (None, items)));
        }
        Ok(match RequestBody::from_slice(json, most)? {
            RequestBody::Several(member, items) => Ok((Some(member), items)),
            RequestBody::One(_) => Err(serde_json::from_slice(json)?),
            RequestBody::Other(value) => Err(value),
        })
    }
}

/// Without the byte-order mark that some programs write.
pub fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json)
}

/// A value that may be a number: anything else is kept as it is.
pub enum JsonNumber {
    /// A number with a fraction or an exponent, or one that a text spells.
    Number(f64),
    /// A whole number, kept as it was sent.
    Whole(Number),
    /// `null`.
    Null,
    /// Anything else.
    Other(Value),
}

impl<'de> Deserialize<'de> for JsonNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonNumber, D::Error> {
        deserializer.deserialize_any(JsonNumberVisitor)
    }
}

struct JsonNumberVisitor;

impl<'de> Visitor<'de> for JsonNumberVisitor {
    type Value = JsonNumber;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_f64<E>(self, value: f64) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Whole(value.into()))
    }

    fn visit_unit<E>(self) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Other(Value::Bool(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<JsonNumber, E> {
        Ok(JsonNumber::Other(Value::from(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<JsonNumber, A::Error> {
        Value::deserialize(de::value::SeqAccessDeserializer::new(seq)).map(JsonNumber::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<JsonNumber, A::Error> {
        Value::deserialize(de::value::MapAccessDeserializer::new(map)).map(JsonNumber::Other)
    }
}

/// The name of a field, without a copy where it stands in the JSON as it is.
struct FieldName<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldName<'de>, D::Error> {
        struct FieldNameVisitor;
        impl<'de> Visitor<'de> for FieldNameVisitor {
            type Value = FieldName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<FieldName<'de>, E> {
                Ok(FieldName(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(FieldNameVisitor)
    }
}

impl<'de> Deserialize<'de> for BodyItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BodyItem, D::Error> {
        TrackVisitor { most: None }.deserialize(deserializer).map(|(item, _)| item)
    }
}

/// Reads one track; with `most`, an envelope of so many tracks as well.
#[derive(Clone, Copy)]
struct TrackVisitor {
    most: Option<usize>,
}

/// What stands at the top: an item, and what an envelope's member holds if there is one.
type TopLevel = (BodyItem, Option<(&'static str, BodyItems)>);

impl<'de> DeserializeSeed<'de> for TrackVisitor {
    type Value = TopLevel;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<TopLevel, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TrackVisitor {
    type Value = TopLevel;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TopLevel, A::Error> {
        let mut draft = RawTrack::default();
        let mut envelope = None;
        while let Some(FieldName(name)) = map.next_key::<FieldName<'de>>()? {
            if let Some(feature) = feature_named(&name) {
                draft.give(feature, map.next_value()?);
            } else if let Some((most, member)) = self.most.zip(ENVELOPES.into_iter().find(|member| *member == name)) {
                match map.next_value_seed(BodyItemsVisitor { most })? {
                    Ok(items) => envelope = Some((member, items)),
                    Err(other) => draft.no_list = Some(Box::new((member, other))),
                }
            } else {
                draft.note(&name);
                draft.pass_over(&name, &mut map)?;
            }
        }
        Ok((BodyItem::Track(draft), envelope))
    }

    fn visit_unit<E>(self) -> Result<TopLevel, E> {
        Ok((BodyItem::Null, None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<TopLevel, E> {
        Ok((BodyItem::Other(value.into()), None))
    }

    fn visit_f64<E>(self, value: f64) -> Result<TopLevel, E> {
        Ok((BodyItem::Other(value.into()), None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<TopLevel, E> {
        Ok((BodyItem::Other(value.into()), None))
    }

    fn visit_u64<E>(self, value: u64) -> Result<TopLevel, E> {
        Ok((BodyItem::Other(value.into()), None))
    }

    fn visit_str<E>(self, value: &str) -> Result<TopLevel, E> {
        Ok((BodyItem::Other(value.into()), None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TopLevel, A::Error> {
        Ok((BodyItem::Other(Value::deserialize(de::value::SeqAccessDeserializer::new(seq))?), None))
    }
}

/// Reads an array of tracks; `Err` within is what there is instead, of an object only that it is one.
#[derive(Clone, Copy)]
struct BodyItemsVisitor {
    most: usize,
}

impl<'de> DeserializeSeed<'de> for BodyItemsVisitor {
    type Value = Result<BodyItems, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Result<BodyItems, Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for BodyItemsVisitor {
    type Value = Result<BodyItems, Value>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Result<BodyItems, Value>, A::Error> {
        let mut items = BodyItems::default();
        while items.count < self.most {
            match seq.next_element()? {
                Some(item) => items.kept.push(item),
                None => return Ok(Ok(items)),
            }
            items.count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            items.count += 1;
        }
        Ok(Ok(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Result<BodyItems, Value>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err("{…}".into()))
    }

    fn visit_unit<E>(self) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Result<BodyItems, Value>, E> {
        Ok(Err(value.into()))
    }
}

/// [`Feature::from_name`] compares with one name after the other; this looks at one.
fn feature_named(name: &str) -> Option<Feature> {
    use Feature::*;
    let feature = match (name.len(), name.as_bytes().first()?) {
        (12, b'd') => Danceability,
        (6, b'e') => Energy,
        (3, b'k') => Key,
        (8, b'l') if name.ends_with("ess") && name.as_bytes()[1] == b'o' => Loudness,
        (4, b'm') => Mode,
        (11, b's') => Speechiness,
        (12, b'a') => Acousticness,
        (16, b'i') => Instrumentalness,
        (8, b'l') => Liveness,
        (7, b'v') => Valence,
        (5, b't') => Tempo,
        (11, b'd') => DurationMs,
        (14, b't') => TimeSignature,
        (10, b'c') => ChorusHit,
        (8, b's') => Sections,
        (6, b'd') => Decade,
        _ => return None,
    };
    (feature.name() == name).then_some(feature)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(json: &Value) -> Result<CheckedTrack, Vec<Detail>> {
        match RawTrack::from_slice(json.to_string().as_bytes()).expect("JSON") {
            BodyItem::Track(draft) => draft.check(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_feature_is_found_by_its_name() {
        for feature in Feature::ALL {
            assert_eq!(feature_named(feature.name()), Some(feature));
        }
        for name in ["", "e", "Energy", "energi", "loudnest", "sektions", "danceabilitx", "é"] {
            assert_eq!(feature_named(name), None, "{name}");
        }
    }

    #[test]
    fn the_shapes_are_told_apart() {
        let read = |json: Value| RequestBody::from_slice(json.to_string().as_bytes(), 3).expect("JSON");
        assert!(matches!(read(json!({ "energy": 0.5 })), RequestBody::One(_)));
        assert!(matches!(read(json!({ "energy": 0.5, "id": "x", "type": "audio_features" })), RequestBody::One(_)));
        // A member of the name that is no list makes no envelope.
        assert!(matches!(read(json!({ "energy": 0.5, "content": "explicit" })), RequestBody::One(_)));
        let RequestBody::One(draft) = read(json!({ "audio_features": { "energy": 0.5 } })) else { panic!("no list") };
        let faults = draft.check().expect_err("nothing to go by");
        assert_eq!(faults.iter().map(|it| (it.kind, it.loc.len())).collect::<Vec<_>>(), [("list_type", 2)]);
        for member in ENVELOPES {
            let RequestBody::Several(found, items) = read(json!({ member: [{ "energy": 0.5 }, null, 7, {}, null] }))
            else {
                panic!("no envelope");
            };
            assert_eq!((found, items.count), (member, 5));
            assert!(matches!(items.kept[..], [BodyItem::Track(_), BodyItem::Null, BodyItem::Other(_)]), "{items:?}");
        }
        for other in [json!(null), json!([1]), json!("x"), json!(1.5), json!(true)] {
            assert!(matches!(read(other.clone()), RequestBody::Other(found) if found == other));
        }
    }

    #[test]
    fn what_counts_is_what_came_last() {
        let track = |json: &str| match RawTrack::from_slice(json.as_bytes()).expect("JSON") {
            BodyItem::Track(draft) => draft.check(),
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
    fn all_faults_are_told_at_once_in_the_order_of_the_features() {
        let faults = one(&json!({ "decade": 5, "key": "C", "danceability": [], "energy": 0.5 })).expect_err("faults");
        let places: Vec<&Value> = faults.iter().map(|fault| &fault.loc[1]).collect();
        assert_eq!(places, ["danceability", "key", "decade"]);
        let nothing = one(&json!({ "name": "x" })).expect_err("no feature");
        assert_eq!((nothing[0].kind, nothing[0].loc.len()), ("missing", 1));
        // A decade is no sound, and where there is no sound a faulty decade is told besides.
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
        let told: Vec<(&str, &Value)> = faults.iter().map(|it| (it.kind, &it.loc[it.loc.len() - 1])).collect();
        let expected = ["body", "dancability", "Energy"].map(|place| json!(place));
        assert_eq!(told, [("missing", &expected[0]), ("unknown_field", &expected[1]), ("unknown_field", &expected[2])]);
        assert_eq!(*faults[0].input, json!({ "decade": 1980, "dancability": 0.5, "Energy": "0.7", "note": "[…]" }));
        assert_eq!(faults[1].msg, "\"dancability\" is no feature; did you mean \"danceability\"?");
        assert_eq!((&*faults[1].input, &*faults[2].input), (&json!(0.5), &json!("0.7")));
        // With something to go by they are no faults.
        assert!(one(&json!({ "dancability": 0.5, "energy": 0.7 })).is_ok());
    }

    #[test]
    fn required_features_must_be_there() {
        let BodyItem::Track(draft) =
            RawTrack::from_slice(br#"{"energy": null, "mode": "x", "tempo": 99}"#).expect("JSON")
        else {
            panic!("no track");
        };
        let whole = || json!("whole");
        let required = [Feature::Energy, Feature::Mode, Feature::Valence, Feature::Tempo];
        let faults = draft.check_required(&required, whole).expect_err("faults");
        let told: Vec<(&str, &Value)> = faults.iter().map(|fault| (fault.kind, &*fault.input)).collect();
        assert_eq!(told, [("float_type", &Value::Null), ("int_parsing", &json!("x")), ("missing", &json!("whole"))]);
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
                match number::read(feature, value) {
                    Ok(number) => expected[feature as usize] = number.unwrap_or(f64::NAN),
                    Err(_) => faults += 1,
                }
            }
            match one(&Value::Object(object.clone())) {
                Ok(track) => {
                    prop_assert_eq!(faults, 0);
                    prop_assert_eq!(track.row.map(f64::to_bits), expected.map(f64::to_bits));
                }
                Err(told) => {
                    let of_values = told.iter().filter(|fault| fault.kind != "missing").count();
                    prop_assert_eq!(of_values, faults);
                    let is_audio = |fault: &Detail| fault.loc[1] != "decade";
                    let is_missing = !has_audio(&expected) && !told.iter().filter(|fault| fault.loc.len() > 1).any(is_audio);
                    prop_assert_eq!(told.len() - of_values, usize::from(is_missing));
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = RequestBody::from_slice(&bytes, 3);
            let _ = BodyItems::from_slice(&bytes, 3);
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
