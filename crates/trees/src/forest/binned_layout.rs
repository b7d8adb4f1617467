//! Binned records as nodes read them.

use crate::binning::BinnedRecords;

/// Features that lie side by side.
pub(super) const LANES: usize = 16;

/// Bins in blocks of 16 features, row by row: the rows of a small node lie far apart, and one line of the cache then holds all
/// that is read of a row.
pub(super) struct BinnedLayout {
    blocks: Vec<Vec<[u8; LANES]>>,
}

impl BinnedLayout {
    pub(super) fn new(binned: &BinnedRecords) -> BinnedLayout {
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
        BinnedLayout { blocks: features.chunks(LANES).map(block).collect() }
    }

    /// The block of a feature.
    pub(super) fn of(&self, feature: u16) -> BinnedBlock<'_> {
        &self.blocks[usize::from(feature) / LANES]
    }
}

/// Bins of 16 features that lie side by side, row by row.
pub(super) type BinnedBlock<'a> = &'a [[u8; LANES]];

/// The place of a feature in its block.
pub(super) fn lane(feature: u16) -> usize {
    usize::from(feature) % LANES
}

/// Whether features are in the same block.
pub(super) fn are_together(one: u16, other: u16) -> bool {
    usize::from(one) / LANES == usize::from(other) / LANES
}
