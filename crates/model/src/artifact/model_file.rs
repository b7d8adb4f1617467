//! A model file that is being checked: faults with the place in the file, and checks of single values.

use hitflop_core::error::{Error, Fault, Place, Reason, Result};

/// A file that is being checked.
pub(crate) struct ModelFileReader<'a> {
    /// What messages call the file.
    pub name: &'a str,
}

impl ModelFileReader<'_> {
    /// A fault of a part, placed in this file.
    pub(crate) fn within(&self, part: &str, error: Error) -> Error {
        let placed =
            |fault: Fault| Fault { place: fault.place.within(self.name, part), reason: Reason::NotAModel, ..fault };
        match error {
            Error::Input(faults, total) => Error::inputs(faults.into_iter().map(placed).collect(), total),
            other => other,
        }
    }

    pub(crate) fn share(&self, member: &str, value: f64) -> Result<()> {
        if (0.0..=1.0).contains(&value) {
            return Ok(());
        }
        Err(self.fault(member, "expected a number from 0 to 1").found(value.to_string()).into_error())
    }

    /// A score that test rows of one label leave undefined is null in the file.
    pub(crate) fn share_or_undefined(&self, member: &str, value: f64) -> Result<()> {
        match value.is_nan() {
            true => Ok(()),
            false => self.share(member, value),
        }
    }

    /// A terminal would obey control characters.
    pub(crate) fn text(&self, member: &str, text: &str) -> Result<()> {
        if !text.contains(char::is_control) {
            return Ok(());
        }
        Err(self.fault(member, "expected text without control characters").found(text).into_error())
    }

    pub(crate) fn loss(&self, member: &str, value: f64) -> Result<()> {
        if value >= 0.0 {
            return Ok(());
        }
        Err(self.fault(member, "expected a number of at least 0").found(value.to_string()).into_error())
    }

    /// A fault of a member of the file; of the file itself if `member` is empty.
    pub(crate) fn fault(&self, member: &str, rule: impl Into<String>) -> Fault {
        Fault::new(self.place(member), Reason::NotAModel, rule)
    }

    fn place(&self, member: &str) -> Place {
        match member {
            "" => Place::file(self.name),
            member => Place::Member { file: Some(self.name.to_owned()), path: member.to_owned() },
        }
    }
}

/// Reads better at the end of a chain than around it.
pub(crate) trait IntoError {
    /// The fault as an error.
    fn into_error(self) -> Error;
}

impl IntoError for Fault {
    fn into_error(self) -> Error {
        Error::input(self)
    }
}
