//! The shapes in which audio features circulate, read in one pass over the JSON.
//!
//! | shape | where from |
//! |---|---|
//! | `{"energy": 0.5, …}` | the notebook's client, a row of a table |
//! | the same with `id`, `uri`, `type`, `track_href`, `analysis_url` | Spotify's audio features of one track |
//! | `{"audio_features": [{…} or null, …]}` | Spotify's of several |
//! | `{"content": [{…}, …]}` | ReccoBeats' of several |
//!
//! Numbers go straight to their place in a row; only a value that is no plain number is kept for the reader to judge, as
//! far as it is shown, so that a good request costs no more than its digits, and no other one costs more than its bytes.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use super::field_names::{feature_named, FieldNames};
use super::json_number::{JsonNumber, NumberShape};
use super::preview::shown;
use super::raw_track::RawTrack;
use super::shape::{read, without_mark, FieldName, Scalar, Shape, Shaped};

/// Members that hold several tracks.
pub(crate) const ENVELOPES: [&str; 2] = ["audio_features", "content"];

/// One element of a list of tracks.
#[derive(Clone, Debug)]
pub(crate) enum BodyItem {
    Track(Box<RawTrack>),
    Null,
    /// Something else, which is no track.
    Other(JsonNumber),
}

/// A whole body.
#[derive(Clone, Debug)]
pub(crate) enum RequestBody {
    One(RawTrack),
    /// An envelope's member and its tracks.
    Several(&'static str, BodyItems),
    Other(JsonNumber),
}

/// A list of tracks, of which only the first ones are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyItems {
    pub kept: Vec<BodyItem>,
    /// Number of all tracks of the list.
    pub count: usize,
}

impl BodyItem {
    /// A body of one track, as the notebook's client sends it.
    ///
    /// # Errors
    /// The body is not JSON.
    pub(crate) fn from_slice(json: &[u8], names: &FieldNames) -> serde_json::Result<BodyItem> {
        read(json, TrackShape { most: None, names }).map(|(item, _)| item)
    }
}

impl RequestBody {
    /// The body of a request for one track or an envelope of several, of which `most` are kept.
    ///
    /// # Errors
    /// The body is not JSON.
    pub(crate) fn from_slice(json: &[u8], most: usize, names: &FieldNames) -> serde_json::Result<RequestBody> {
        Ok(match read(json, TrackShape { most: Some(most), names })? {
            (BodyItem::Track(_), Some((member, items))) => RequestBody::Several(member, items),
            (BodyItem::Track(track), None) => RequestBody::One(*track),
            (BodyItem::Null, _) => RequestBody::Other(JsonNumber::Null),
            (BodyItem::Other(value), _) => RequestBody::Other(value),
        })
    }
}

impl BodyItems {
    /// A body that is an array of tracks, of which `most` are kept; of an envelope it is the envelope's array. `Err` within is
    /// what is shown of the value that was sent instead.
    ///
    /// # Errors
    /// The body is not JSON.
    pub(crate) fn from_slice(
        json: &[u8],
        most: usize,
        names: &FieldNames,
    ) -> serde_json::Result<Result<(Option<&'static str>, BodyItems), Value>> {
        if without_mark(json).iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            let items = read(json, ItemsShape { most, names })?;
            return Ok(items.map(|items| (None, items)).map_err(|other| other.to_value()));
        }
        Ok(match RequestBody::from_slice(json, most, names)? {
            RequestBody::Several(member, items) => Ok((Some(member), items)),
            RequestBody::One(_) => Err(shown(json)),
            RequestBody::Other(value) => Err(value.to_value()),
        })
    }
}

/// One track; with `most`, an envelope of so many tracks as well.
#[derive(Clone, Copy)]
struct TrackShape<'n> {
    most: Option<usize>,
    names: &'n FieldNames,
}

impl<'de> Shape<'de> for TrackShape<'_> {
    /// An item, and the content of an envelope's member if there is one.
    type Output = (BodyItem, Option<(&'static str, BodyItems)>);

    fn scalar(self, value: Scalar<'_>) -> Self::Output {
        match value {
            Scalar::Null => (BodyItem::Null, None),
            other => (BodyItem::Other(NumberShape.scalar(other)), None),
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        Ok((BodyItem::Other(NumberShape.list(elements)?), None))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        let mut track = RawTrack::default();
        let mut envelope = None;
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            // Most fields are features by their names.
            if let Some(feature) = feature_named(&name) {
                track.give(feature, members.next_value_seed(Shaped(NumberShape))?);
            } else if let Some((most, member)) = self.most.zip(ENVELOPES.into_iter().find(|member| *member == name)) {
                match members.next_value_seed(Shaped(ItemsShape { most, names: self.names }))? {
                    Ok(items) => envelope = Some((member, items)),
                    Err(other) => track.note_no_list(member, other),
                }
            } else {
                track.take(&name, self.names, &mut members)?;
            }
        }
        Ok((BodyItem::Track(Box::new(track)), envelope))
    }
}

/// An array of tracks. `Err` within is the value that is there instead, for an object only a mark that it is one.
#[derive(Clone, Copy)]
struct ItemsShape<'n> {
    most: usize,
    names: &'n FieldNames,
}

impl<'de> Shape<'de> for ItemsShape<'_> {
    type Output = Result<BodyItems, JsonNumber>;

    fn scalar(self, value: Scalar<'_>) -> Self::Output {
        Err(NumberShape.scalar(value))
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Output, A::Error> {
        let mut items = BodyItems::default();
        while items.count < self.most {
            match elements.next_element_seed(Shaped(TrackShape { most: None, names: self.names }))? {
                Some((item, _)) => items.kept.push(item),
                None => return Ok(Ok(items)),
            }
            items.count += 1;
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {
            items.count += 1;
        }
        Ok(Ok(items))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(JsonNumber::text("{…}")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::answer::rejection::Rejection;

    #[test]
    fn the_shapes_are_distinguished() {
        let names = FieldNames::default();
        let read = |json: Value| RequestBody::from_slice(json.to_string().as_bytes(), 3, &names).expect("JSON");
        assert!(matches!(read(json!({ "energy": 0.5 })), RequestBody::One(_)));
        assert!(matches!(read(json!({ "energy": 0.5, "id": "x", "type": "audio_features" })), RequestBody::One(_)));
        // A member of the name that is no list makes no envelope.
        assert!(matches!(read(json!({ "energy": 0.5, "content": "explicit" })), RequestBody::One(_)));
        let RequestBody::One(track) = read(json!({ "audio_features": { "energy": 0.5 } })) else { panic!("no list") };
        let Err(Rejection::Invalid(faults)) = track.check_alone(&names, || Value::Null) else { panic!("no faults") };
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
            assert!(matches!(read(other.clone()), RequestBody::Other(found) if found.to_value() == other));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = RequestBody::from_slice(&bytes, 3, &FieldNames::default());
            let _ = BodyItems::from_slice(&bytes, 3, &FieldNames::default());
        }
    }
}
