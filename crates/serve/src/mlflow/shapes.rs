//! The forms of a JSON body, as they were sent: `dataframe_split`, `dataframe_records`, `instances` and `inputs`.

use serde::de::{MapAccess, SeqAccess};

use crate::request::field_names::MisspeltColumns;
use crate::request::json_number::{JsonNumber, NumberShape};
use crate::request::shape::{FieldName, ListOf, Scalar, Shape, Shaped, Unused};
use hitflop_core::track::Feature;

/// The members of which a request has one.
pub const FORMS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];
/// A member that a request may have besides. The model has no parameters of inference.
const PARAMS: &str = "params";

/// Whether a request may have a member of this name.
pub fn is_known(name: &str) -> bool {
    name == PARAMS || FORMS.contains(&name)
}

/// A list of values; `None` for anything else.
pub type ValueList = Option<Vec<JsonNumber>>;

/// A whole body.
#[derive(Default)]
pub struct InvocationBody {
    /// The forms, in the order of [`FORMS`].
    pub forms: [Option<Form>; FORMS.len()],
    /// Whether there is a member that is not known.
    pub has_extra: bool,
}

/// A form, and its columns that look like a misspelt feature's.
pub struct Form {
    pub rows: FormRows,
    pub misspelt: MisspeltColumns,
}

pub enum FormRows {
    Split(SplitTable),
    Records(Vec<Record>),
    /// Values by feature.
    Columns(Vec<(Feature, ValueList)>),
    /// Something that is not the form's kind of value.
    Other,
}

/// `columns` and `data`, each `None` if it is not a list.
#[derive(Default)]
pub struct SplitTable {
    /// The features of the columns, if there is such a member.
    pub columns: Option<Option<Vec<Option<Feature>>>>,
    pub data: Option<Vec<ValueList>>,
}

/// A row of `dataframe_records` or `instances`.
pub enum Record {
    Fields(Vec<(Feature, JsonNumber)>),
    Values(Vec<JsonNumber>),
    Other,
}

/// The shape of an [`InvocationBody`]; `None` if it is not an object.
pub struct InvocationShape;

impl<'de> Shape<'de> for InvocationShape {
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
                let mut misspelt = MisspeltColumns::default();
                let shape = FormShape { form: FORMS[at], misspelt: &mut misspelt };
                let rows = members.next_value_seed(Shaped(shape))?;
                body.forms[at] = Some(Form { rows, misspelt });
            } else {
                body.has_extra |= !is_known(&name);
                members.next_value_seed(Shaped(Unused))?;
            }
        }
        Ok(Some(body))
    }
}

struct FormShape<'a> {
    form: &'static str,
    misspelt: &'a mut MisspeltColumns,
}

impl<'de> Shape<'de> for FormShape<'_> {
    type Output = FormRows;

    fn scalar(self, _: Scalar<'_>) -> FormRows {
        FormRows::Other
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<FormRows, A::Error> {
        if self.form == "dataframe_split" {
            return Unused.list(elements).map(|()| FormRows::Other);
        }
        let mut records = Vec::new();
        while let Some(record) = elements.next_element_seed(Shaped(RecordShape(self.misspelt)))? {
            records.push(record);
        }
        Ok(FormRows::Records(records))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<FormRows, A::Error> {
        match self.form {
            "dataframe_split" => split(members, self.misspelt).map(FormRows::Split),
            "inputs" => fields(&mut members, self.misspelt, ListOf(NumberShape)).map(FormRows::Columns),
            _ => Unused.object(members).map(|()| FormRows::Other),
        }
    }
}

/// Further members, such as `index`, are passed over.
fn split<'de, A: MapAccess<'de>>(mut members: A, misspelt: &mut MisspeltColumns) -> Result<SplitTable, A::Error> {
    let mut table = SplitTable::default();
    while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
        match &*name {
            "columns" => table.columns = Some(members.next_value_seed(Shaped(ColumnsShape(misspelt)))?),
            "data" => table.data = members.next_value_seed(Shaped(ListOf(ListOf(NumberShape))))?,
            _ => members.next_value_seed(Shaped(Unused))?,
        }
    }
    Ok(table)
}

/// The features among the members of an object, in their order; of a member that was sent twice the last value counts.
fn fields<'de, A: MapAccess<'de>, S: Shape<'de> + Copy>(
    members: &mut A,
    misspelt: &mut MisspeltColumns,
    shape: S,
) -> Result<Vec<(Feature, S::Output)>, A::Error> {
    let mut fields: Vec<(Feature, S::Output)> = Vec::new();
    while let Some(FieldName(name)) = members.next_key::<FieldName<'de>>()? {
        let Some(feature) = misspelt.feature(&name) else {
            members.next_value_seed(Shaped(Unused))?;
            continue;
        };
        let value = members.next_value_seed(Shaped(shape))?;
        match fields.iter_mut().find(|(other, _)| *other == feature) {
            Some(field) => field.1 = value,
            None => fields.push((feature, value)),
        }
    }
    Ok(fields)
}

struct RecordShape<'a>(&'a mut MisspeltColumns);

impl<'de> Shape<'de> for RecordShape<'_> {
    type Output = Record;

    fn scalar(self, _: Scalar<'_>) -> Record {
        Record::Other
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Record, A::Error> {
        Ok(ListOf(NumberShape).list(elements)?.map_or(Record::Other, Record::Values))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Record, A::Error> {
        fields(&mut members, self.0, NumberShape).map(Record::Fields)
    }
}

/// The names of columns; `None` if they are not a list.
struct ColumnsShape<'a>(&'a mut MisspeltColumns);

impl<'de> Shape<'de> for ColumnsShape<'_> {
    type Output = Option<Vec<Option<Feature>>>;

    fn scalar(self, _: Scalar<'_>) -> Self::Output {
        None
    }

    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Output, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = elements.next_element_seed(Shaped(ColumnShape(self.0)))? {
            columns.push(column);
        }
        Ok(Some(columns))
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Output, A::Error> {
        Unused.object(members).map(|()| None)
    }
}

/// The name of a column.
struct ColumnShape<'a>(&'a mut MisspeltColumns);

impl<'de> Shape<'de> for ColumnShape<'_> {
    type Output = Option<Feature>;

    fn scalar(self, value: Scalar<'_>) -> Option<Feature> {
        match value {
            Scalar::Text(name) => self.0.feature(name),
            _ => None,
        }
    }

    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<Option<Feature>, A::Error> {
        Unused.list(elements).map(|()| None)
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Option<Feature>, A::Error> {
        Unused.object(members).map(|()| None)
    }
}
