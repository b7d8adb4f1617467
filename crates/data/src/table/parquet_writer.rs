//! Rows as Parquet, in row groups that depend on the number of rows alone.

use std::io::Write;

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::column_type::ColumnType;
use super::write::{AppendedValues, OutputLayout, OutputRows};

/// Least number of rows of a row group of a large file.
const GROUP_ROWS: u64 = 512 * 512;

/// Gathers rows until they are a row group.
pub(super) struct ParquetRows<W: Write> {
    /// Until the first row group is written.
    target: Option<W>,
    writer: Option<BatchedWriter<W>>,
    pending: DataFrame,
    groups: RowGroupPlan,
}

/// The row groups of a file, as [`ParquetWriter::finish`] divides a whole table.
#[derive(Clone, Copy, Debug)]
struct RowGroupPlan {
    rows: u64,
    /// Rows of every row group but the last.
    size: u64,
    /// Rows that are in row groups.
    written: u64,
}

impl RowGroupPlan {
    fn of(rows: u64) -> RowGroupPlan {
        RowGroupPlan { rows, size: rows / (rows / GROUP_ROWS).max(1), written: 0 }
    }

    /// Rows of the next row group; 0 after the last.
    fn next(&self) -> u64 {
        let left = self.rows - self.written;
        if left < 2 * self.size {
            left
        } else {
            self.size
        }
    }
}

impl<W: Write> ParquetRows<W> {
    pub fn new(target: W, rows: u64) -> ParquetRows<W> {
        ParquetRows { target: Some(target), writer: None, pending: DataFrame::empty(), groups: RowGroupPlan::of(rows) }
    }

    pub fn write(
        &mut self,
        rows: &OutputRows,
        columns: &[Option<usize>],
        layout: &OutputLayout,
    ) -> std::io::Result<()> {
        frame(rows, columns, layout).and_then(|frame| self.add(frame)).map_err(std::io::Error::other)
    }

    fn add(&mut self, frame: DataFrame) -> PolarsResult<()> {
        if self.pending.width() == 0 {
            self.pending = frame;
        } else {
            self.pending.vstack_mut(&frame)?;
        }
        while self.pending.height() > 0 && self.pending.height() as u64 >= self.groups.next() {
            let rows = self.groups.next() as usize;
            let mut group = self.pending.slice(0, rows);
            self.pending = self.pending.slice(rows as i64, self.pending.height() - rows);
            group.rechunk_mut();
            self.write_group(&group)?;
            self.groups.written += rows as u64;
        }
        Ok(())
    }

    fn write_group(&mut self, group: &DataFrame) -> PolarsResult<()> {
        if let Some(target) = self.target.take() {
            self.writer = Some(ParquetWriter::new(target).batched(group.schema())?);
        }
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write_batch(group))
    }

    pub fn finish(mut self) -> std::io::Result<()> {
        let written = if self.target.is_some() { self.write_group(&self.pending.clone()) } else { Ok(()) };
        let end = |()| self.writer.as_ref().map_or(Ok(0), BatchedWriter::finish);
        written.and_then(end).map(drop).map_err(std::io::Error::other)
    }
}

fn frame(rows: &OutputRows, columns: &[Option<usize>], layout: &OutputLayout) -> PolarsResult<DataFrame> {
    let own: Vec<Column> = match rows.table {
        super::TableData::Parquet(table) if layout.keeps_types => {
            let frame = table.frame().slice(rows.rows.start as i64, rows.rows.len());
            frame.columns().to_vec()
        }
        _ => (0..layout.names.len()).map(|column| column_of(rows, columns[column], column, layout)).collect(),
    };
    DataFrame::new(rows.rows.len(), own.into_iter().chain(appended(rows)).collect())
}

/// The values of the appended columns.
pub(super) fn appended<'a>(rows: &'a OutputRows) -> impl Iterator<Item = Column> + 'a {
    rows.appended.iter().map(|column| {
        let (name, range) = (column.name.as_str().into(), rows.first + rows.rows.start..rows.first + rows.rows.end);
        match &column.values {
            AppendedValues::Whole(values) => Column::new(name, &values[range]),
            AppendedValues::Real(values) => Column::new(name, &values[range]),
        }
    })
}

/// A column of the output, of which the table may have none.
fn column_of(rows: &OutputRows, own: Option<usize>, column: usize, layout: &OutputLayout) -> Column {
    let name = match layout.names[column].as_str() {
        // Parquet has no columns without a name.
        "" => format!("column_{}", column + 1),
        name => name.to_owned(),
    };
    let texts = rows.rows.clone().map(|row| {
        let text = own.map(|own| rows.table.text(row, own))?;
        (!text.is_empty()).then_some(text)
    });
    let name = name.as_str().into();
    match layout.types[column] {
        ColumnType::Whole => {
            Column::new(name, texts.map(|text| text?.parse::<i64>().ok()).collect::<Vec<Option<i64>>>())
        }
        ColumnType::Real => {
            Column::new(name, texts.map(|text| text?.parse::<f64>().ok()).collect::<Vec<Option<f64>>>())
        }
        ColumnType::Bool => Column::new(name, texts.map(|text| Some(text? == "true")).collect::<Vec<Option<bool>>>()),
        ColumnType::Text => Column::new(name, texts.map(|text| text.map(|text| text.into_owned())).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row groups as Polars divides a whole table.
    fn row_groups(bytes: &[u8]) -> Vec<usize> {
        let mut reader = ParquetReader::new(std::io::Cursor::new(bytes));
        reader.get_metadata().expect("a file").row_groups.iter().map(|group| group.num_rows()).collect()
    }

    #[test]
    fn a_file_in_parts_is_that_of_the_whole_table() {
        for rows in [1, 1000, 262_143, 262_144, 524_287, 524_288, 800_001] {
            let numbers: Vec<i64> = (0..rows).collect();
            let texts: Vec<Option<String>> =
                numbers.iter().map(|it| (it % 7 > 0).then(|| format!("t{}", it % 999))).collect();
            let frame = df!("number" => numbers, "text" => texts).expect("a table");
            let mut whole = Vec::new();
            ParquetWriter::new(&mut whole).finish(&mut frame.clone()).expect("written");
            let mut parts = Vec::new();
            let mut writer = ParquetRows::new(&mut parts, rows as u64);
            for first in (0..rows).step_by(70_001) {
                writer.add(frame.slice(first, 70_001)).expect("added");
            }
            writer.finish().expect("written");
            assert_eq!(row_groups(&parts), row_groups(&whole), "{rows}");
            assert!(parts == whole, "{rows}");
        }
    }
}
