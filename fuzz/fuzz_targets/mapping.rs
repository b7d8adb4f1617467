//! Any table: its columns are mapped and its rows read without a panic, and no value is infinite.
#![no_main]

use hitflop_core::error::Place;
use hitflop_core::reader::mapping::{ColumnMapping, MappingOptions};
use hitflop_core::reader::Table;
use hitflop_fuzz::CsvTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(table) = CsvTable::read(data) else { return };
    let place = Place::file("fuzz_60s.csv");
    let Ok(mapping) = ColumnMapping::decide(&table, &MappingOptions::default(), &place, None) else { return };
    for row in 0..table.rows() {
        let reading = mapping.row(&table, row);
        assert!(reading.values.iter().all(|value| !value.is_infinite()));
        let _ = mapping.texts(&table, row);
        let _ = mapping.label(&table, row);
    }
});
