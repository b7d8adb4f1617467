//! The decision on every column.

use super::column::{ColumnUse, Conversion, MappedColumn, MappingReason};
use super::label::{LabelCondition, LabelRule};
use super::label_check;
use super::options::{MapTarget, MappingOptions, UndecidedUnit};
use super::units::{self, ColumnReading, FeatureColumn};
use super::{conflict, decade, profile, ColumnMapping, FeatureReader, TextColumns};
use crate::error::{Error, Fault, Place, Reason, Result};
use crate::reader::name::{self, ColumnRole, NameMeaning};
use crate::reader::value::Unit;
use crate::reader::{Table, TableScan, WholeTable};
use crate::track::{Decade, Feature};

/// A column by its name.
#[derive(Clone, Debug)]
pub(super) struct NamedColumn {
    pub position: usize,
    /// As it is shown.
    pub shown: String,
    pub role: ColumnRole,
    pub unit: Option<Unit>,
    /// Exact, Name or Setting.
    pub reason: MappingReason,
    pub rank: u8,
}

impl ColumnMapping {
    /// Decides which column of `table` is which feature or text. `place` is the table in messages. `decade_in_name` is the decade
    /// in the file's name, which counts only if no column gives the decade.
    ///
    /// A table may have a single row: then names alone decide, because a decision on values takes at least two.
    ///
    /// # Errors
    /// A documented name occurs twice; a setting names a column that is not there; the unit of a column is not known; two columns
    /// for one feature disagree; no row has the value that makes a label.
    pub fn decide(
        table: &dyn Table,
        options: &MappingOptions,
        place: &Place,
        decade_in_name: Option<Decade>,
    ) -> Result<ColumnMapping> {
        ColumnMapping::decide_by_scan(&WholeTable(table), options, place, decade_in_name)
    }

    /// As [`ColumnMapping::decide`], of a table that is read in passes: one over the columns of features, one over those that may be
    /// the decade, and one over each two columns of one feature. A pass ends as soon as it has what it needs.
    ///
    /// # Errors
    /// As [`ColumnMapping::decide`], or the rows cannot be read.
    pub fn decide_by_scan(
        table: &dyn TableScan,
        options: &MappingOptions,
        place: &Place,
        decade_in_name: Option<Decade>,
    ) -> Result<ColumnMapping> {
        let named = named_columns(table.names(), options)?;
        let mut decision = ColumnDecision { table, options, place, mapping: unused(&named, options), named };
        decision.features()?;
        decision.decade(decade_in_name)?;
        decision.texts()?;
        decision.label()?;
        Ok(decision.mapping)
    }
}

/// Every column as not used.
fn unused(named: &[NamedColumn], options: &MappingOptions) -> ColumnMapping {
    let entry = |column: &NamedColumn| MappedColumn {
        column: column.shown.clone(),
        position: column.position,
        used_as: None,
        conversion: None,
        reason: match column.role {
            ColumnRole::Unknown => MappingReason::UnknownName,
            ColumnRole::Feature(feature) if !options.needs(feature) => MappingReason::NotNeeded,
            _ => MappingReason::Metadata,
        },
        instead: None,
    };
    ColumnMapping {
        columns: named.iter().map(entry).collect(),
        decade_in_name: None,
        readers: Vec::new(),
        mode_of_key: None,
        texts: TextColumns::default(),
        label: None,
        decimal_mark: options.decimal_mark,
    }
}

fn named_columns(names: &[String], options: &MappingOptions) -> Result<Vec<NamedColumn>> {
    let mut named: Vec<NamedColumn> = names.iter().enumerate().map(|it| by_name(it, options.is_enabled)).collect();
    for (target, column) in &options.map {
        let role = match target {
            MapTarget::Feature(feature) => ColumnRole::Feature(*feature),
            MapTarget::Title => ColumnRole::Title,
            MapTarget::Artist => ColumnRole::Artist,
            MapTarget::Uri => ColumnRole::Uri,
        };
        let own = &mut named[find(names, column, "map")?];
        // A unit in the name counts only for the feature that it is of.
        let unit = own.unit.or_else(|| name::stated_unit(&own.shown));
        own.unit = unit.filter(|unit| matches!(target, MapTarget::Feature(feature) if unit.is_of(*feature)));
        (own.role, own.reason, own.rank) = (role, MappingReason::Setting, 0);
    }
    if let Some(LabelRule { column, .. }) = &options.label {
        let own = &mut named[find(names, column, "label")?];
        (own.role, own.reason, own.rank) = (ColumnRole::Label, MappingReason::Setting, 0);
    }
    Ok(named)
}

fn by_name((position, name): (usize, &String), is_enabled: bool) -> NamedColumn {
    let unknown = || NameMeaning { role: ColumnRole::Unknown, unit: None, is_exact: false, rank: 0 };
    let meaning = match is_enabled {
        true => name::meaning(name),
        false => name::exact_meaning(name).unwrap_or_else(unknown),
    };
    let reason = if meaning.is_exact { MappingReason::Exact } else { MappingReason::Name };
    let NameMeaning { role, unit, rank, .. } = meaning;
    NamedColumn { position, shown: name::shown_name(name, position), role, unit, reason, rank }
}

/// The column that a setting names: by its name as it is in the table or as it is shown, or the same in another case.
fn find(names: &[String], requested: &str, setting: &str) -> Result<usize> {
    let is_it = |(position, name): (usize, &String)| {
        name::trimmed(name) == requested || name::shown_name(name, position) == requested
    };
    let exact = names.iter().enumerate().position(is_it);
    let folded = || names.iter().position(|name| name::trimmed(name).to_lowercase() == requested.to_lowercase());
    exact.or_else(folded).ok_or_else(|| {
        let rule = match name::nearest(requested, names.iter().map(String::as_str)) {
            Some(nearest) => format!("expected a column of the table; the nearest name is {nearest:?}"),
            None => "expected a column of the table".to_owned(),
        };
        Error::input(Fault::new(Place::setting(setting), Reason::MissingColumn, rule).found(requested))
    })
}

struct ColumnDecision<'a> {
    table: &'a dyn TableScan,
    options: &'a MappingOptions,
    place: &'a Place,
    named: Vec<NamedColumn>,
    mapping: ColumnMapping,
}

impl ColumnDecision<'_> {
    /// The columns of all features but the decade.
    fn features(&mut self) -> Result<()> {
        let mut chosen = Vec::new();
        for &feature in Feature::AUDIO {
            if self.options.needs(feature) {
                chosen.extend(self.candidates(feature)?);
            }
        }
        let readings = units::readings(self.table, &chosen, self.options)?;
        for &feature in Feature::AUDIO {
            let own: Vec<&ColumnReading> = readings.iter().filter(|it| it.column.feature == feature).collect();
            self.use_one(&own)?;
        }
        let has_mode = self.mapping.column_of(Feature::Mode).is_some();
        if let (false, Some(key)) = (has_mode, self.mapping.column_of(Feature::Key)) {
            let gives_mode = key.conversion == Some(Conversion::KeyAndMode) && self.options.needs(Feature::Mode);
            self.mapping.mode_of_key = gives_mode.then_some(key.position);
        }
        Ok(())
    }

    /// The columns that may be `feature`: the one that a setting or the documented name gives, or all with other names.
    fn candidates(&mut self, feature: Feature) -> Result<Vec<FeatureColumn>> {
        let all: Vec<&NamedColumn> =
            self.named.iter().filter(|column| column.role == ColumnRole::Feature(feature)).collect();
        let by = |reason| all.iter().filter(|column| column.reason == reason).copied().collect::<Vec<_>>();
        let (set, exact) = (by(MappingReason::Setting), by(MappingReason::Exact));
        let chosen: Vec<FeatureColumn> = match (&set[..], &exact[..]) {
            ([first, ..], _) | ([], [first]) => vec![feature_column(first, feature)],
            ([], []) => all.iter().map(|column| feature_column(column, feature)).collect(),
            ([], [first, ..]) => {
                let place = self.place.clone().column(&first.shown);
                let rule = "the column occurs twice in the header";
                return Err(Error::input(Fault::new(place, Reason::DuplicateColumn, rule)));
            }
        };
        if let [only] = chosen[..] {
            let others = all.iter().map(|column| column.position).filter(|position| *position != only.position);
            let others: Vec<usize> = others.collect();
            others.into_iter().for_each(|other| self.mapping.set_aside(other, only.position));
        }
        Ok(chosen)
    }

    /// Uses one of the columns that may be a feature.
    fn use_one(&mut self, readings: &[&ColumnReading]) -> Result<()> {
        let is_guess = |reading: &&&ColumnReading| reading.column.reason == MappingReason::Name;
        let (unreadable, readable): (Vec<&ColumnReading>, Vec<&ColumnReading>) =
            readings.iter().partition(|reading| is_guess(reading) && reading.profile.is_unreadable());
        for reading in unreadable {
            self.mapping.columns[reading.column.position].reason = MappingReason::NoReadableValue;
        }
        let (undecided, decided): (Vec<&ColumnReading>, Vec<&ColumnReading>) =
            readable.into_iter().partition(|reading| reading.is_undecided);
        // Of columns that agree the one in the documented unit, which is not rounded to a percent or a second.
        let best = decided.iter().copied().min_by_key(|reading| reading.conversion.is_some());
        let Some(best) = best else { return self.refuse_undecided(&undecided) };
        for other in decided.iter().filter(|other| other.column.position != best.column.position) {
            if let Some(row) = conflict::first_difference(self.table, best, other)? {
                let names = [best, *other].map(|reading| self.named[reading.column.position].shown.as_str());
                return Err(conflict::error(self.place, best.column.feature, names, row));
            }
        }
        let others = decided.iter().chain(&undecided).map(|reading| reading.column.position);
        for other in others.filter(|position| *position != best.column.position) {
            self.mapping.set_aside(other, best.column.position);
        }
        self.mapping.use_feature(best.reader(), best.conversion, best.reason);
        Ok(())
    }

    fn refuse_undecided(&mut self, undecided: &[&ColumnReading]) -> Result<()> {
        for reading in undecided {
            let position = reading.column.position;
            if self.options.undecided == UndecidedUnit::Refused {
                return Err(conflict::undecided(self.place, &self.named[position].shown, reading));
            }
            self.mapping.columns[position].reason = MappingReason::UndecidedUnit;
        }
        Ok(())
    }

    fn decade(&mut self, in_name: Option<Decade>) -> Result<()> {
        if !self.options.needs(Feature::Decade) {
            return Ok(());
        }
        let Some(chosen) = decade::choose(self.table, &self.named, self.options)? else {
            self.mapping.decade_in_name = in_name;
            return Ok(());
        };
        let others =
            self.named.iter().filter(|column| decade::gives_decade(column) && column.position != chosen.position);
        for other in others {
            self.mapping.set_aside(other.position, chosen.position);
        }
        let reader = FeatureReader { feature: Feature::Decade, position: chosen.position, rule: chosen.rule };
        self.mapping.use_feature(reader, chosen.conversion, chosen.reason);
        Ok(())
    }

    fn texts(&mut self) -> Result<()> {
        let title = self.text(ColumnRole::Title, ColumnUse::Title)?;
        let artist = self.text(ColumnRole::Artist, ColumnUse::Artist)?;
        let uri = self.text(ColumnRole::Uri, ColumnUse::Uri)?;
        let split = self.text(ColumnRole::Split, ColumnUse::Split)?;
        self.mapping.texts = TextColumns { title, artist, uri, split };
        Ok(())
    }

    /// The column of a text: by setting, by the documented name, or by the first name in the order of precedence.
    fn text(&mut self, role: ColumnRole, used: ColumnUse) -> Result<Option<usize>> {
        let mut columns: Vec<(bool, u8, usize, MappingReason)> = Vec::new();
        for column in self.named.iter().filter(|column| column.role == role) {
            let is_guess = column.reason == MappingReason::Name;
            // Row numbers are no identifiers of tracks.
            if !(is_guess && role == ColumnRole::Uri && profile::are_numbers(self.table, column.position)?) {
                let is_not_set = column.reason != MappingReason::Setting;
                columns.push((is_not_set, column.rank, column.position, column.reason));
            }
        }
        columns.sort_by_key(|(is_not_set, rank, position, _)| (*is_not_set, *rank, *position));
        let Some(&(_, _, position, reason)) = columns.first() else { return Ok(None) };
        for (_, _, other, _) in &columns[1..] {
            self.mapping.set_aside(*other, position);
        }
        let entry = &mut self.mapping.columns[position];
        (entry.used_as, entry.reason) = (Some(used), reason);
        Ok(Some(position))
    }

    fn label(&mut self) -> Result<()> {
        let Some(position) = self.text(ColumnRole::Label, ColumnUse::Label)? else { return Ok(()) };
        let condition = match &self.options.label {
            Some(rule) => {
                let shown = &self.named[position].shown;
                label_check::check(self.table, rule, (position, shown), self.options.decimal_mark)?;
                self.mapping.columns[position].conversion = Some(Conversion::LabelRule);
                rule.condition.clone()
            }
            None => LabelCondition::Truth,
        };
        self.mapping.label = Some((position, condition));
        Ok(())
    }
}

fn feature_column(column: &NamedColumn, feature: Feature) -> FeatureColumn {
    FeatureColumn { position: column.position, feature, reason: column.reason, stated: column.unit }
}

impl ColumnReading {
    fn reader(&self) -> FeatureReader {
        FeatureReader { feature: self.column.feature, position: self.column.position, rule: self.rule }
    }
}

impl ColumnMapping {
    /// Notes that a column could be used, but another one is.
    fn set_aside(&mut self, position: usize, instead: usize) {
        let other = self.columns[instead].column.clone();
        let entry = &mut self.columns[position];
        (entry.reason, entry.instead) = (MappingReason::AnotherColumn, Some(other));
    }

    fn use_feature(&mut self, reader: FeatureReader, conversion: Option<Conversion>, reason: MappingReason) {
        let entry = &mut self.columns[reader.position];
        (entry.used_as, entry.conversion, entry.reason) =
            (Some(ColumnUse::Feature(reader.feature)), conversion, reason);
        self.readers.push(reader);
    }
}
