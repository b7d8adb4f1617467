//! What can be set about a blend.

use linfa::ParamGuard;
use serde::{Deserialize, Deserializer, Serialize};

use super::member::MemberParams;
use crate::checks::check_parameter;
use crate::{Result, TreesError};

/// Most members of a blend: more share what few have, and each costs its prediction.
const MAX_MEMBERS: usize = 32;

/// The parameters as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "BlendParams")]
struct BlendFields {
    members: Vec<MemberParams>,
    // It belongs to the training rows and not to the model.
    #[serde(skip)]
    folds: Vec<usize>,
}

/// Checked parameters of a [`Blend`](crate::Blend), which implement linfa's `Fit`. Only
/// [`BlendParams::check`](linfa::ParamGuard::check) makes them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BlendValidParams(BlendFields);

impl BlendValidParams {
    /// What the members are fitted with.
    pub fn members(&self) -> &[MemberParams] {
        &self.0.members
    }

    /// The fold of each training row.
    pub fn folds(&self) -> &[usize] {
        &self.0.folds
    }
}

/// Parameters of a [`Blend`](crate::Blend), not yet checked; made by [`Blend::params`](crate::Blend::params).
///
/// | parameter | default | legal |
/// |---|---|---|
/// | `members` | none | 1 to 32, each legal by itself |
/// | `folds` | none | a number for each training row, of at least two values |
///
/// Rows of one fold are held out together, while the members are fitted to the rows of the others. Rows that belong together
/// (of one person, of one artist) must have the same fold; nothing is drawn at random here.
///
/// serde reads and writes the members; the folds belong to the training rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BlendParams(BlendValidParams);

impl Default for BlendParams {
    fn default() -> BlendParams {
        BlendParams(BlendValidParams(BlendFields::default()))
    }
}

impl<'de> Deserialize<'de> for BlendParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<BlendParams, D::Error> {
        BlendFields::deserialize(deserializer).map(|fields| BlendParams(BlendValidParams(fields)))
    }
}

impl BlendParams {
    /// No member and no folds.
    pub fn new() -> BlendParams {
        BlendParams::default()
    }

    /// Adds a member.
    pub fn member(mut self, params: impl Into<MemberParams>) -> BlendParams {
        self.0 .0.members.push(params.into());
        self
    }

    /// Sets the fold of each training row.
    pub fn folds(mut self, folds: Vec<usize>) -> BlendParams {
        self.0 .0.folds = folds;
        self
    }
}

impl ParamGuard for BlendParams {
    type Checked = BlendValidParams;
    type Error = TreesError;

    fn check_ref(&self) -> Result<&BlendValidParams> {
        let members = &self.0 .0.members;
        let rule = format!("expected 1 to {MAX_MEMBERS} members");
        check_parameter((1..=MAX_MEMBERS).contains(&members.len()), "members", &rule, members.len())?;
        members.iter().try_for_each(MemberParams::check)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<BlendValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
