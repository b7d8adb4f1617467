//! What the columns of tables are used as, for a terminal of 80 columns.

use std::fmt::Write;

use hitflop::pipeline::TracksReading;
use hitflop_core::reader::mapping::{ColumnMapping, MappedColumn};

use super::page::{self, WIDTH};
use super::print;
use super::settings::{ProgramOptions, Settings};

/// Maximum width of a column's name.
const MAX_NAME: usize = 24;

/// Prints to standard error, unless `quiet`, how the tracks were read: what was noticed, features without a column, and what the
/// columns are used as if a name or a unit is not the documented one.
pub fn print_reading(settings: &Settings, tracks: &TracksReading) {
    if settings.program.quiet {
        return;
    }
    tracks.notices.iter().for_each(|notice| print::to_stderr(&format!("notice: {notice}")));
    if !tracks.absent.is_empty() {
        let names: Vec<&str> = tracks.absent.iter().map(|feature| feature.name()).collect();
        let files: Vec<&str> = tracks.files.iter().map(|file| file.file.as_str()).collect();
        let noun = if names.len() == 1 { "column" } else { "columns" };
        let words = format!("{}: no {noun} {}; treated as missing", files.join(", "), names.join(", "));
        print::warning(&settings.program, &words);
    }
    print_mappings(&settings.program, tracks.files.iter().map(|file| (file.file.as_str(), &file.mapping)));
}

/// Prints to standard error, unless `quiet`, what the columns of files are used as if a name or a unit is not the documented one.
pub fn print_mappings<'a>(program: &ProgramOptions, files: impl Iterator<Item = (&'a str, &'a ColumnMapping)>) {
    let text = mappings(files);
    if !program.quiet && !text.is_empty() {
        print::to_stderr(text.trim_end());
    }
}

/// The mappings that a user should see; those that are equal are shown once.
fn mappings<'a>(files: impl Iterator<Item = (&'a str, &'a ColumnMapping)>) -> String {
    let mut shown: Vec<(Vec<&str>, &ColumnMapping)> = Vec::new();
    // A decade from the file's name alone is a notice.
    let is_notable = |mapping: &ColumnMapping| mapping.columns().iter().any(MappedColumn::is_notable);
    for (file, mapping) in files.filter(|(_, mapping)| is_notable(mapping)) {
        match shown.iter_mut().find(|(_, other)| *other == mapping) {
            Some((names, _)) => names.push(file),
            None => shown.push((vec![file], mapping)),
        }
    }
    let mut text = String::new();
    for (files, mapping) in shown {
        let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        // Writing to a String can't fail.
        let _ = writeln!(text, "Columns of {}{more}:", files[0]);
        text.push_str(&table(mapping));
    }
    text
}

/// The columns whose use a user should see, side by side with it; the names of the others.
fn table(mapping: &ColumnMapping) -> String {
    let rows: Vec<[String; 4]> = mapping.table();
    // The row after those of the columns is the decade in the file's name.
    let is_listed = |row: &usize| mapping.columns().get(*row).is_none_or(MappedColumn::is_notable);
    let (listed, others): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(is_listed);
    let (documented, unused): (Vec<usize>, Vec<usize>) =
        others.into_iter().partition(|&row| mapping.columns()[row].used_as.is_some());
    let header = ["column", "used as", "conversion", "by"].map(str::to_owned);
    let lines: Vec<[String; 4]> =
        std::iter::once(header).chain(listed.iter().map(|&row| shortened(&rows[row]))).collect();
    let width = |cell: usize| lines.iter().map(|line| line[cell].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [name, used_as, conversion, why] in &lines {
        let line = format!("  {name:<0$}  {used_as:<1$}  {conversion:<2$}  {why}", widths[0], widths[1], widths[2]);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for (words, columns) in [("as documented", documented), ("not used", unused)] {
        let names: Vec<&str> = columns.iter().map(|&row| rows[row][0].as_str()).collect();
        if !names.is_empty() {
            text.push_str(&page::wrapped(&format!("{words}: {}", names.join(", ")), WIDTH, "  ", "    "));
        }
    }
    text
}

fn shortened(row: &[String; 4]) -> [String; 4] {
    let mut row = row.clone();
    if row[0].chars().count() > MAX_NAME {
        row[0] = row[0].chars().take(MAX_NAME - 1).chain(['…']).collect();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_core::error::Place;
    use hitflop_core::reader::mapping::MappingOptions;
    use hitflop_core::reader::{Cell, Table};

    struct FixtureTable(Vec<String>, Vec<Vec<&'static str>>);

    impl Table for FixtureTable {
        fn columns(&self) -> &[String] {
            &self.0
        }

        fn rows(&self) -> usize {
            self.1.len()
        }

        fn cell(&self, row: usize, column: usize) -> Cell<'_> {
            Cell::Text(self.1[row][column])
        }
    }

    fn mapping(names: &[&str], rows: Vec<Vec<&'static str>>) -> ColumnMapping {
        let table = FixtureTable(names.iter().map(|&name| name.to_owned()).collect(), rows);
        ColumnMapping::decide(&table, &MappingOptions::default(), &Place::file("x"), None).expect("a mapping")
    }

    #[test]
    fn a_mapping_fits_into_eighty_columns() {
        let others: Vec<String> = (0..30).map(|number| format!("another column {number}")).collect();
        let mut names = vec!["Danceability_%", "Key of the track, as it is written on the sleeve", "energy"];
        names.extend(others.iter().map(String::as_str));
        let row = |first: [&'static str; 3]| first.into_iter().chain(std::iter::repeat_n("", 30)).collect();
        let mapping = mapping(&names, vec![row(["51", "C#", "0.5"]), row(["80", "D", "0.7"])]);
        let text = mappings([("a.csv", &mapping), ("b.csv", &mapping)].into_iter());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.starts_with("Columns of a.csv and 1 more:\n  column"), "{text}");
        assert!(text.contains("percent to fraction"), "{text}");
        assert!(text.contains("\n  as documented: energy\n  not used: Key of the track"), "{text}");
    }

    #[test]
    fn documented_names_need_no_table() {
        let mapping = mapping(&["energy", "key", "note"], vec![vec!["0.5", "3", "x"]]);
        assert_eq!(mappings([("a.csv", &mapping)].into_iter()), "");
    }
}
