//! The forms of a JSON body, as they were sent: `dataframe_split`, `dataframe_records`, `instances` and `inputs`.
//!
//! So much is kept as a request may have: rows up to the maximum, of a row the values of features.

use serde::de::{MapAccess, SeqAccess};

use crate::answer::faults::MAX_REPORTED_FAULTS;
use crate::answer::faults::{cut, MAX_SHOWN_CHARS};
use crate::request::field_names::{FieldMeaning, FieldNames, MAX_COLUMNS};
use crate::request::json_number::{JsonNumber, NumberShape};
use crate::request::raw_track::RawTrack;
use crate::request::shape::{first, FieldName, FirstOf, KeptList, Scalar, Shape, Shaped, Unused};

/// The members of which a request has one.
pub(crate) const FORMS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];
/// A member that a request may have besides. The model has no parameters of inference.
const PARAMS: &str = "params";

/// A whole body.
#[derive(Default)]
pub(crate) struct InvocationBody {
    /// The forms, in the order of [`FORMS`].
    pub forms: [Option<FormRows>; FORMS.len()],
    /// Names of members that are not known, each once.
    pub extra: Vec<String>,
    /// Names of parameters, each once.
    pub params: Vec<String>,
}

pub(crate) enum FormRows {
    Split(SplitTable),
    Records(KeptList<Record>),
    /// Values by column.
    Columns(Vec<(FieldMeaning, Option<KeptList<JsonNumber>>)>),
    /// Something that is not the form's kind of value.
    Other,
}

/// `columns` and `data`, each `None` if it is not a list.
#[derive(Default)]
pub(crate) struct SplitTable {
    /// What the columns may be, if there is such a member.
    pub columns: Option<Option<KeptList<FieldMeaning>>>,
    pub data: Option<KeptList<Record>>,
    /// Whether `data` came before `columns`, so that its values were taken for those of the model's features.
    pub is_data_first: bool,
}

/// A row of `data`, `dataframe_records`, `instances` or `inputs`.
pub(crate) enum Record {
    Fields(RawTrack),
    /// A list of so many values, by the columns.
    Values(RawTrack, usize),
    Other,
}

/// What is known of a request while its body is read.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Maximum number of rows.
    pub most: usize,
    /// The columns of rows without names: the model's features, or those of `dataframe_split` if they were read before.
    pub columns: &'a [FieldMeaning],
    pub names: &'a FieldNames,
}

/// The shape of an [`InvocationBody`]; `None` if it is not an object.
pub(crate) struct InvocationShape<'a>(pub Expected<'a>);

impl<'de> Shape<'de> for InvocationShape<'_> {
    type Output = Option<InvocationBody>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Output, A::Error> {
        Unused.list(elements).map(|()| None)
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Output, A::Error> {
        let mut body = InvocationBody::default();
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            if let Some(at) = FORMS.iter().position(|form| *form == name) {
                let shape = FormShape { form: FORMS[at], expected: self.0 };
                body.forms[at] = Some(members.next_value_seed(Shaped(shape))?);
            } else if name == PARAMS {
                body.params = members.next_value_seed(Shaped(MemberNames))?;
            } else {
                note(&mut body.extra, &name, MAX_REPORTED_FAULTS);
                members.next_value_seed(Shaped(Unused))?;
            }
        }
        Ok(Some(body))
    }
}

/// Notes a name once, as far as it is shown.
fn note(names: &mut Vec<String>, name: &str, most: usize) {
    let name = cut(name, MAX_SHOWN_CHARS);
    // Names come in any number, so only the last ones are compared.
    let is_noted = names.iter().rev().take(MAX_COMPARED_NAMES).any(|other| **other == *name);
    if !is_noted && names.len() < most {
        names.push(name.into());
    }
}

/// Maximum number of names of members that are compared with a further one.
const MAX_COMPARED_NAMES: usize = 64;
/// Maximum number of lists of values by column that are kept.
const MAX_COLUMN_LISTS: usize = 64;
/// Maximum number of parameters that are reported.
const MAX_PARAMS: usize = 16;

/// The names of the members of an object; none for anything else.
struct MemberNames;

impl<'de> Shape<'de> for MemberNames {
    type Output = Vec<String>;

    fn scalar(self, _: Scalar<'_>) -> Vec<String> {
        Vec::new()
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Vec<String>, A::Error> {
        Unused.list(elements).map(|()| Vec::new())
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Vec<String>, A::Error> {
        let mut names = Vec::new();
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            note(&mut names, &name, MAX_PARAMS);
            members.next_value_seed(Shaped(Unused))?;
        }
        Ok(names)
    }
}

struct FormShape<'a> {
    form: &'static str,
    expected: Expected<'a>,
}

impl<'de> Shape<'de> for FormShape<'_> {
    type Output = FormRows;

    fn scalar(self, _: Scalar<'_>) -> FormRows {
        FormRows::Other
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<FormRows, A::Error> {
        if self.form == "dataframe_split" {
            return Unused.list(elements).map(|()| FormRows::Other);
        }
        let rows = first(elements, self.expected.most, || RecordShape { expected: self.expected, with_names: true });
        rows.map(FormRows::Records)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<FormRows, A::Error> {
        match self.form {
            "dataframe_split" => split(members, self.expected).map(FormRows::Split),
            "inputs" => {
                let shape = FirstOf { most: self.expected.most, shape: NumberShape };
                columns(members, self.expected.names, shape).map(FormRows::Columns)
            }
            _ => Unused.object(members).map(|()| FormRows::Other),
        }
    }
}

/// Further members, such as `index`, are passed over.
fn split<'de, A: MapAccess<'de>>(mut members: A, expected: Expected) -> Result<SplitTable, A::Error> {
    let mut table = SplitTable::default();
    while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
        match &*name {
            "columns" => {
                table.is_data_first |= table.data.is_some();
                let names = FirstOf { most: MAX_COLUMNS, shape: ColumnShape(expected.names) };
                table.columns = Some(members.next_value_seed(Shaped(names))?);
            }
            "data" => {
                let known = table.columns.as_ref().and_then(Option::as_ref).map(|columns| &*columns.kept);
                let expected = Expected { columns: known.unwrap_or(expected.columns), ..expected };
                let row = RecordShape { expected, with_names: false };
                table.data = members.next_value_seed(Shaped(FirstOf { most: expected.most, shape: row }))?;
            }
            _ => members.next_value_seed(Shaped(Unused))?,
        }
    }
    Ok(table)
}

/// The lists of the columns that may be a feature; of a member that was sent twice the last value counts.
fn columns<'de, A: MapAccess<'de>, S: Shape<'de> + Copy>(
    mut members: A,
    names: &FieldNames,
    shape: S,
) -> Result<Vec<(FieldMeaning, S::Output)>, A::Error> {
    let mut columns: Vec<(FieldMeaning, S::Output)> = Vec::new();
    while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
        let meaning = names.meaning(&name);
        if !meaning.is_column() {
            members.next_value_seed(Shaped(Unused))?;
            continue;
        }
        let value = members.next_value_seed(Shaped(shape))?;
        let is_full = columns.len() >= MAX_COLUMN_LISTS;
        match columns.iter_mut().find(|(other, _)| *other == meaning) {
            Some(column) => column.1 = value,
            None if is_full => {}
            None => columns.push((meaning, value)),
        }
    }
    Ok(columns)
}

#[derive(Clone, Copy)]
struct RecordShape<'a> {
    expected: Expected<'a>,
    /// Whether a row may be an object.
    with_names: bool,
}

impl<'de> Shape<'de> for RecordShape<'_> {
    type Output = Record;

    fn scalar(self, _: Scalar<'_>) -> Record {
        Record::Other
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Record, A::Error> {
        let (mut track, mut count) = (RawTrack::default(), 0);
        loop {
            let is_there = match self.expected.columns.get(count) {
                Some(column) if column.is_column() => {
                    let value = elements.next_element_seed(Shaped(NumberShape))?;
                    value.map(|value| column.give(&mut track, value)).is_some()
                }
                _ => elements.next_element_seed(Shaped(Unused))?.is_some(),
            };
            if !is_there {
                return Ok(Record::Values(track, count));
            }
            count += 1;
        }
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Record, A::Error> {
        if !self.with_names {
            return Unused.object(members).map(|()| Record::Other);
        }
        let mut track = RawTrack::default();
        while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
            match self.expected.names.meaning(&name) {
                column if column.is_column() => column.give(&mut track, members.next_value_seed(Shaped(NumberShape))?),
                other => {
                    if let FieldMeaning::Misspelt(found) = other {
                        track.note(found);
                    }
                    members.next_value_seed(Shaped(Unused))?;
                }
            }
        }
        Ok(Record::Fields(track))
    }
}

/// The name of a column.
#[derive(Clone, Copy)]
struct ColumnShape<'a>(&'a FieldNames);

impl<'de> Shape<'de> for ColumnShape<'_> {
    type Output = FieldMeaning;

    fn scalar(self, value: Scalar<'_>) -> FieldMeaning {
        match value {
            Scalar::Text(name) => self.0.meaning(name),
            _ => FieldMeaning::Other,
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<FieldMeaning, A::Error> {
        Unused.list(elements).map(|()| FieldMeaning::Other)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<FieldMeaning, A::Error> {
        Unused.object(members).map(|()| FieldMeaning::Other)
    }
}
