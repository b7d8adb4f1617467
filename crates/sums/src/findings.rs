//! What a report needs of the sums, as one small document.

use serde::{Deserialize, Serialize};

use crate::artists::ArtistSummary;
use crate::cell::CellSums;
use crate::moments::{PairMoments, ValueMoments};
use crate::names::{Place, Quality, AUDIO};
use crate::nan;
use crate::sums::{is_whole, TrackSums};
use hitflop_core::error::{Error, Fault, Place as FaultPlace, Reason, Result};
use hitflop_core::track::{Decade, Feature, Label};

/// What the document says it is.
const FORMAT: &str = "hitflop findings";
/// Version of the document.
const VERSION: u32 = 1;

/// Standard errors of the means of a group, clustered by artist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupErrors {
    /// Its decade, unless it spans all.
    pub decade: Option<Decade>,
    /// Its label, unless it holds both.
    pub label: Option<Label>,
    /// By feature, in the order of [`Feature::ALL`]; NaN of fewer than two artists.
    #[serde(deserialize_with = "nan::each_or_null")]
    pub standard_errors: Vec<f64>,
}

/// What a report needs of the sums over tracks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackFindings {
    format: String,
    version: u32,
    /// The rule by which a column gave the label; none for the label of decade files.
    pub label_rule: Option<String>,
    /// Whether the number of artists, URIs, repeats and distinct values and the standard errors are exact, and not estimated from samples.
    pub is_exact: bool,
    /// Sums by decade and label, in this order.
    pub cells: Vec<CellSums>,
    /// All tracks, each decade, each label, and each decade and label.
    pub errors: Vec<GroupErrors>,
    /// Repeats and contradictions.
    pub quality: Quality,
    /// Artists; none where no track has one.
    pub artists: Option<ArtistSummary>,
    /// Numbers of distinct values, in the order of [`Feature::AUDIO`].
    pub distinct: Vec<u64>,
}

impl TrackFindings {
    /// The findings of sums.
    pub fn of(sums: &TrackSums) -> TrackFindings {
        let TrackSums { cells, names } = sums;
        TrackFindings {
            format: FORMAT.to_owned(),
            version: VERSION,
            label_rule: None,
            is_exact: names.are_exact(),
            errors: groups(cells).into_iter().map(|group| errors(sums, group)).collect(),
            cells: cells.clone(),
            quality: names.quality(),
            artists: names.artist_summary(),
            distinct: names.distinct(),
        }
    }

    /// The same with the rule by which a column gave the label.
    pub fn with_label_rule(self, rule: Option<String>) -> TrackFindings {
        TrackFindings { label_rule: rule, ..self }
    }

    /// Reads findings from a document that is called `name` in messages.
    ///
    /// # Errors
    /// The text is no document of findings, or one of another version.
    pub fn from_json(name: &str, text: &str) -> Result<TrackFindings> {
        let refused = |rule: String| Error::input(Fault::new(FaultPlace::file(name), Reason::Setting, rule));
        let rule =
            |why: &str| format!("expected a document of findings, as the Python package's explore makes it: {why}");
        let found: TrackFindings = serde_json::from_str(text).map_err(|error| refused(rule(&error.to_string())))?;
        if found.format != FORMAT || found.version != VERSION {
            let rule = format!("expected {FORMAT} of version {VERSION}, found {} {}", found.format, found.version);
            return Err(refused(rule));
        }
        let groups = groups(&found.cells);
        let are_groups = found.errors.iter().map(|group| (group.decade, group.label)).eq(groups);
        let are_whole = found.errors.iter().all(|group| group.standard_errors.len() == Feature::ALL.len());
        match found.cells.iter().all(is_whole) && are_groups && are_whole && found.distinct.len() == AUDIO {
            true => Ok(found),
            false => Err(refused(rule("a feature or a group is missing"))),
        }
    }

    /// The document.
    ///
    /// # Errors
    /// None that is known: every number can be written.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Failed(format!("the findings cannot be written: {error}")))
    }

    /// Number of tracks.
    pub fn rows(&self) -> u64 {
        self.cells.iter().map(|cell| cell.rows).sum()
    }

    /// The moments of a feature over the cells that belong.
    pub fn moments(&self, feature: Feature, belongs: impl Fn(&CellSums) -> bool) -> ValueMoments {
        let own = self.cells.iter().filter(|cell| belongs(cell)).map(|cell| cell.moments(feature)[0]);
        own.fold(ValueMoments::default(), ValueMoments::merge)
    }

    /// The moments of two columns over the cells that belong: features, or the label, which is none.
    pub fn pair(&self, pair: [Option<Feature>; 2], belongs: impl Fn(&CellSums) -> bool) -> PairMoments {
        let own = self.cells.iter().filter(|cell| belongs(cell)).map(|cell| of_cell(cell, pair));
        own.fold(PairMoments::default(), PairMoments::merge)
    }

    /// The standard errors of a group; none if the tracks have no such group.
    pub fn errors_of(&self, decade: Option<Decade>, label: Option<Label>) -> Option<&GroupErrors> {
        self.errors.iter().find(|group| (group.decade, group.label) == (decade, label))
    }
}

/// The moments of a pair of columns in a cell, where decade and label are constant.
fn of_cell(cell: &CellSums, pair: [Option<Feature>; 2]) -> PairMoments {
    let constant = |column: Option<Feature>| match column {
        None => Some(f64::from(u8::from(cell.label == Label::Hit))),
        Some(Feature::Decade) => Some(cell.decade.map_or(f64::NAN, |decade| f64::from(decade.year()))),
        Some(_) => None,
    };
    let moments = |column: Option<Feature>| match column {
        None => ValueMoments::of_equal(cell.rows, f64::from(u8::from(cell.label == Label::Hit))),
        Some(feature) => cell.moments(feature)[0],
    };
    let [a, b] = pair;
    let known = |value: f64, found: PairMoments| if value.is_nan() { PairMoments::default() } else { found };
    match (constant(a), constant(b)) {
        (_, Some(value)) => known(value, PairMoments::with_constant(moments(a), value)),
        (Some(value), None) => known(value, PairMoments::with_constant(moments(b), value).swapped()),
        (None, None) => match (a.map(|one| one as usize), b.map(|one| one as usize)) {
            (Some(a), Some(b)) if a > b => cell.pairs[a * (a - 1) / 2 + b],
            (Some(a), Some(b)) if a < b => cell.pairs[b * (b - 1) / 2 + a].swapped(),
            _ => PairMoments::default(),
        },
    }
}

/// Decades and labels of the groups: all tracks, each decade, each label, each decade and label.
fn groups(cells: &[CellSums]) -> Vec<(Option<Decade>, Option<Label>)> {
    let mut decades: Vec<Decade> = cells.iter().filter_map(|cell| cell.decade).collect();
    decades.dedup();
    let labels = Label::BOTH.into_iter().filter(|label| cells.iter().any(|cell| cell.label == *label));
    let both = cells.iter().filter(|cell| cell.decade.is_some()).map(|cell| (cell.decade, Some(cell.label)));
    let mut groups = vec![(None, None)];
    groups.extend(decades.into_iter().map(|decade| (Some(decade), None)));
    groups.extend(labels.map(|label| (None, Some(label))));
    groups.extend(both);
    groups
}

fn errors(sums: &TrackSums, (decade, label): (Option<Decade>, Option<Label>)) -> GroupErrors {
    let belongs = |place: Place| (decade.is_none() || decade == place.0) && label.is_none_or(|label| label == place.1);
    let standard_error = |feature: Feature| {
        let cells = sums.cells.iter().filter(|cell| belongs((cell.decade, cell.label)));
        let moments = cells.map(|cell| cell.moments(feature));
        let both =
            moments.fold([ValueMoments::default(); 2], |both, one| [both[0].merge(one[0]), both[1].merge(one[1])]);
        sums.names.standard_error(feature, both, belongs)
    };
    GroupErrors { decade, label, standard_errors: Feature::ALL.into_iter().map(standard_error).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::pairs;

    #[test]
    fn pairs_are_where_they_are_looked_for() {
        for (index, (later, earlier)) in pairs(AUDIO).enumerate() {
            assert_eq!(index, later * (later - 1) / 2 + earlier);
        }
    }
}
