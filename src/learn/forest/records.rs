//! Binned records as nodes read them.

use crate::learn::tree::binning::BinnedRecords;

/// Features that lie side by side.
const LANES: usize = 16;

/// Bins in blocks of 16 features, row by row: the rows of a small node lie far apart, and one line of the cache then holds all
/// that is asked about a row.
pub struct Blocks {
    blocks: Vec<Vec<[u8; LANES]>>,
}

impl Blocks {
    pub fn new(binned: &BinnedRecords) -> Blocks {
        let features: Vec<usize> = (0..binned.features()).collect();
        let block = |features: &[usize]| {
            let mut block = vec![[0; LANES]; binned.rows()];
            for (lane, &feature) in features.iter().enumerate() {
                for (record, &bin) in block.iter_mut().zip(binned.column(feature)) {
                    record[lane] = bin;
                }
            }
            block
        };
        Blocks { blocks: features.chunks(LANES).map(block).collect() }
    }

    /// The bins of a feature.
    pub fn column(&self, feature: u16) -> Column<'_> {
        let feature = usize::from(feature);
        Column { block: &self.blocks[feature / LANES], lane: feature % LANES }
    }
}

/// The bins of one feature.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    block: &'a [[u8; LANES]],
    lane: usize,
}

impl Column<'_> {
    /// The bin of a row.
    #[inline(always)]
    pub fn bin(&self, row: usize) -> u8 {
        self.block[row][self.lane % LANES]
    }
}
