//! The union of all decade files, checked and written whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::decade_in_name::decade_tag;
use super::header::ColumnNames;
use super::plain_copy::{write_plain, Completeness};
use super::quality::{self, MissingCounts, MissingValues, OutOfRange, Quality};
use super::rule;
use super::scan::{scan, ScanFile};
use super::source::{self, MappedFile, MappedSource, SourceFile, Sources};
use super::tracks::{self, TrackTable, SOURCE};
use super::unknown_columns;
use crate::engine::{streaming, EngineResult};
use crate::simulate::SIMULATED_TITLE;
use crate::table::{open, RejectedRow, TableOptions};
use hitflop_core::disk::{self, Staged, TemporaryDirectory};
use hitflop_core::error::{Error, Reason, Result};
use hitflop_core::fingerprint::Fingerprint;
use hitflop_core::track::{Decade, Feature, DECADE, TARGET, TEXT_COLUMNS, TRACK};
use hitflop_core::unknown_columns::UnknownColumn;

/// What came of reading decade files.
#[derive(Debug)]
pub struct Ingested {
    /// The cleaned union.
    pub tracks: TrackTable,
    /// Number of its rows.
    pub rows: u64,
    /// Whether they are simulated ([`crate::simulate`]), by the titles that a sample gives its tracks.
    pub simulated: bool,
    /// One entry a file, in the order in which they were read.
    pub sources: Vec<Fingerprint>,
    /// Rows set aside; empty unless `lenient`.
    pub rejected: Vec<RejectedRow>,
    /// Repeats and contradictions.
    pub quality: Quality,
    /// Values outside their documented range, kept.
    pub out_of_range: Vec<OutOfRange>,
    /// The features that have missing values.
    pub missing: Vec<MissingValues>,
    /// What was noticed and needs no action.
    pub notices: Vec<String>,
    /// Files that were found and not read, each with the reason.
    pub passed_over: Vec<String>,
    /// What the columns of files were used as that are not in the plain form of a decade file.
    pub mappings: Vec<MappedFile>,
    /// Columns that ingest does not know, row by row as in the union.
    pub extra: Vec<UnknownColumn>,
}

impl Ingested {
    /// Rows set aside, by reason.
    pub fn rejected_by_reason(&self) -> BTreeMap<Reason, u64> {
        let mut counts = BTreeMap::new();
        for row in &self.rejected {
            *counts.entry(row.fault.reason).or_default() += 1;
        }
        counts
    }
}

/// Unions decade files into the Parquet file `processed` and looks at its quality.
///
/// The file is written under a temporary name and renamed when every value in it has passed, so that an error leaves
/// nothing behind and what stood there before as it was. With `lenient`, rows that break a rule are set aside.
///
/// # Errors
/// A row breaks a rule and `lenient` is not set; no row is left; a file cannot be read or written.
pub fn ingest(sources: &Sources, processed: &Path, lenient: bool) -> Result<Ingested> {
    let copied = || sources.files.iter().filter_map(|file| file.copy.as_ref());
    if !lenient {
        let faults: Vec<RejectedRow> = copied().flat_map(|copy| copy.rejected.clone()).collect();
        source::refuse(&faults)?;
    }
    let staged = Staged::beside(processed)?;
    let completeness = sources.options.completeness();
    if is_clean_union(&scan_files(&sources.files, None)?, &staged, completeness)? {
        let rejected = copied().flat_map(|copy| copy.rejected.clone()).collect();
        return describe(sources, staged, processed, rejected, Vec::new());
    }
    let respelt = respell(sources)?;
    if !lenient {
        source::refuse(&respelt.rejected)?;
    }
    // A file of its own: after a failure the engine may still write to the first one.
    let staged = Staged::beside(processed)?;
    if !is_clean_union(&scan_files(&sources.files, Some(&respelt.files))?, &staged, completeness)? {
        return Err(Error::Failed("the rows pass every rule, but the data engine does not read them".to_owned()));
    }
    describe(sources, staged, processed, respelt.rejected, respelt.mappings)
}

fn scan_files(files: &[SourceFile], respelt: Option<&[(PathBuf, ColumnNames)]>) -> Result<Vec<LazyFrame>> {
    let plan = |(index, file): (usize, &SourceFile)| {
        let (path, header) = match respelt {
            Some(respelt) => (&respelt[index].0, &respelt[index].1),
            None => (&file.path, &file.header),
        };
        // The decade of a copy is in a column, where it was compared with the name.
        let decade = file.decade.filter(|_| file.copy.is_none() && respelt.is_none());
        scan(&ScanFile { path, name: &file.name, header, decade })
    };
    files.iter().enumerate().map(plan).collect()
}

/// Runs the plan into the staged file. False if the engine could not read a file, or read a value that breaks a rule.
fn is_clean_union(frames: &[LazyFrame], staged: &Staged, completeness: Completeness) -> Result<bool> {
    match sink(frames, staged.path()) {
        Ok(()) => is_clean(&TrackTable::at(staged.path().to_owned()), completeness),
        Err(PolarsError::IO { error, .. }) if disk::is_full(&error) => {
            Err(Error::io("write", staged.target(), std::io::Error::from(error.kind())))
        }
        // Whatever the engine could not read, the second reading says what and where it is; but not that the disk is full.
        Err(_) => staged.require_space().map(|()| false),
    }
}

fn sink(frames: &[LazyFrame], target: &Path) -> PolarsResult<()> {
    let union = concat(frames, UnionArgs { maintain_order: true, ..Default::default() })?;
    let destination = SinkDestination::File { target: SinkTarget::Path(PlRefPath::try_from_path(target)?) };
    let format = FileWriteFormat::Parquet(Arc::new(ParquetWriteOptions {
        compression: ParquetCompression::Zstd(None),
        ..Default::default()
    }));
    union.sink(destination, format, UnifiedSinkArgs::default())?.collect_with_engine(Engine::Streaming)?;
    Ok(())
}

/// Whether no value is missing that must be there, every number is finite and every label is 0 or 1.
fn is_clean(tracks: &TrackTable, completeness: Completeness) -> Result<bool> {
    let required = match completeness {
        Completeness::Complete => tracks::columns(),
        Completeness::Partial => vec![TARGET, SOURCE],
    };
    let missing = required.into_iter().map(|column| col(column).is_null().sum().alias(column));
    let infinite = Feature::ALL
        .into_iter()
        .filter(|feature| !feature.is_whole())
        .map(|feature| col(feature.name()).is_finite().not().sum().alias(format!("{feature} not finite")));
    let label = col(TARGET).eq(lit(0)).or(col(TARGET).eq(lit(1))).not().sum().alias("not a label");
    let texts = TEXT_COLUMNS.into_iter().map(|column| breaks_text_rule(column).alias(format!("{column} as text")));
    let checks: Vec<Expr> = missing.chain(infinite).chain([label]).chain(texts).collect();
    let counts = streaming(tracks.scan()?.select(checks))?;
    let total =
        counts.columns().iter().map(|count| count.get(0)?.try_extract::<u64>()).sum::<PolarsResult<u64>>().engine()?;
    Ok(total == 0)
}

/// How many values of a text column break the rule for texts.
fn breaks_text_rule(column: &str) -> Expr {
    let flag = |texts: Column| {
        let broken: UInt32Chunked = texts
            .str()?
            .iter()
            .map(|text| Some(u32::from(text.is_some_and(|text| rule::text(text).is_err()))))
            .collect();
        Ok(broken.with_name(texts.name().clone()).into_column())
    };
    col(column).map(flag, |_, field| Ok(Field::new(field.name().clone(), DataType::UInt32))).sum()
}

/// Every file in the plain form, as it is or as a copy.
struct UnifiedSpelling {
    files: Vec<(PathBuf, ColumnNames)>,
    rejected: Vec<RejectedRow>,
    mappings: Vec<MappedFile>,
    _directory: TemporaryDirectory,
}

fn respell(sources: &Sources) -> Result<UnifiedSpelling> {
    let directory = TemporaryDirectory::new()?;
    let (mut files, mut rejected, mut mappings) = (Vec::new(), Vec::new(), Vec::new());
    for (index, file) in sources.files.iter().enumerate() {
        if let Some(copy) = &file.copy {
            files.push((file.path.clone(), copy.header.clone()));
            rejected.extend(copy.rejected.iter().cloned());
            continue;
        }
        let path = directory.path().join(format!("{index}.csv"));
        let options = TableOptions { encoding: sources.options.encoding.clone(), ..TableOptions::default() };
        let opened = open(&file.content, &options)?;
        let MappedSource { mapping, decade } = MappedSource::of(&opened, decade_tag(&file.name), &sources.options)?;
        let copy = write_plain(&opened, &mapping, decade, sources.options.completeness(), &path)?;
        source::refuse_empty(&copy)?;
        if mapping.columns().iter().any(|column| column.is_notable()) {
            mappings.push(MappedFile { file: file.name.clone(), mapping });
        }
        rejected.extend(copy.rejected);
        files.push((path, copy.header));
    }
    Ok(UnifiedSpelling { files, rejected, mappings, _directory: directory })
}

fn describe(
    sources: &Sources,
    staged: Staged,
    processed: &Path,
    rejected: Vec<RejectedRow>,
    mappings: Vec<MappedFile>,
) -> Result<Ingested> {
    let tracks = TrackTable::at(staged.path().to_owned());
    let counts = rows_by_source_and_decade(&tracks)?;
    let simulated = are_simulated(&tracks)?;
    let missing = MissingCounts::of(&tracks)?;
    let quality = quality::quality(&tracks, &missing)?;
    let out_of_range = quality::out_of_range(&tracks)?;
    let sources_read: Vec<Fingerprint> = sources.files.iter().map(|file| fingerprint(file, &counts)).collect();
    let rows_of_files: Vec<u64> = sources_read.iter().map(|file| file.rows).collect();
    let extra = unknown_columns::read(&sources.files, &rejected, &rows_of_files)?;
    let notices = notices(sources, &sources_read, &rejected)?;
    staged.publish()?;
    Ok(Ingested {
        tracks: TrackTable::at(processed.to_owned()),
        rows: counts.values().sum(),
        simulated,
        sources: sources_read,
        rejected,
        quality,
        out_of_range,
        missing: missing.of_features(),
        notices,
        passed_over: sources.passed_over.clone(),
        mappings: sources.mappings.iter().cloned().chain(mappings).collect(),
        extra,
    })
}

/// What was noticed, and fields that span lines: the data engine reads them without a word, and if a quotation mark is not closed,
/// rows are lost in them.
fn notices(sources: &Sources, read: &[Fingerprint], rejected: &[RejectedRow]) -> Result<Vec<String>> {
    let mut notices = sources.passed_over.clone();
    notices.extend(sources.notices.iter().cloned());
    let rejected = |name: &str| rejected.iter().filter(|row| row.fault.place.whole() == name).count() as u64;
    for (file, read) in sources.files.iter().zip(read).filter(|(file, _)| file.copy.is_none()) {
        // One line is the header.
        if file.lines > read.rows + rejected(&file.name) + 1 {
            let options = TableOptions { encoding: sources.options.encoding.clone(), ..TableOptions::default() };
            notices.extend(open(&file.content, &options)?.notices);
        }
    }
    Ok(notices)
}

/// Whether a file is a union of simulated tracks.
pub fn holds_simulated_tracks(path: &Path) -> bool {
    are_simulated(&TrackTable::at(path.to_owned())).unwrap_or(false)
}

/// Whether any file begins with a simulated track.
fn are_simulated(tracks: &TrackTable) -> Result<bool> {
    let firsts = streaming(tracks.scan()?.group_by([col(SOURCE)]).agg([col(TRACK).first()]))?;
    let is_simulated =
        firsts.column(TRACK).engine()?.str().engine()?.iter().flatten().any(|title| title.starts_with(SIMULATED_TITLE));
    Ok(is_simulated)
}

fn rows_by_source_and_decade(tracks: &TrackTable) -> Result<BTreeMap<(String, Option<Decade>), u64>> {
    let plan = tracks.scan()?.group_by([col(SOURCE), col(DECADE)]).agg([len().alias("rows")]);
    let table = streaming(plan)?;
    let sources = table.column(SOURCE).engine()?.str().engine()?;
    let years = table.column(DECADE).engine()?.i32().engine()?;
    let rows = table.column("rows").engine()?.cast(&DataType::UInt64).engine()?;
    let mut counts = BTreeMap::new();
    for ((source, year), rows) in sources.iter().zip(years.iter()).zip(rows.u64().engine()?.iter()) {
        if let (Some(source), Some(rows)) = (source, rows) {
            counts.insert((source.to_owned(), year.and_then(Decade::from_year)), rows);
        }
    }
    Ok(counts)
}

fn fingerprint(file: &SourceFile, counts: &BTreeMap<(String, Option<Decade>), u64>) -> Fingerprint {
    let own = || counts.iter().filter(|((source, _), _)| *source == file.name);
    Fingerprint {
        name: file.name.clone(),
        decades: own().filter_map(|((_, decade), _)| *decade).collect(),
        rows: own().map(|(_, rows)| rows).sum(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
    }
}
