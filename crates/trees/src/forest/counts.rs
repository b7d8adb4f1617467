//! Training rows as words, and sums of them: one addition counts rows, weight and positives.

use std::ops::{Add, Sub};

/// What is known about the rows of a node, a bin or a side of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Distinct rows.
    pub rows: u32,
    /// Weight of all rows.
    pub weight: u64,
    /// Weight of the positives among them.
    pub positives: u64,
}

impl Counts {
    /// Weight of the negatives.
    pub(super) fn negatives(self) -> u64 {
        self.weight - self.positives
    }

    /// Whether only one class occurs.
    pub(super) fn is_pure(self) -> bool {
        self.positives == 0 || self.positives == self.weight
    }
}

impl Add for Counts {
    type Output = Counts;

    fn add(self, other: Counts) -> Counts {
        Counts {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            positives: self.positives + other.positives,
        }
    }
}

impl Sub for Counts {
    type Output = Counts;

    fn sub(self, part: Counts) -> Counts {
        Counts {
            rows: self.rows - part.rows,
            weight: self.weight - part.weight,
            positives: self.positives - part.positives,
        }
    }
}

/// A training row: its position, its weight and whether it is of the positive class.
pub(super) trait TrainingSample: Copy + Default + Send + Sync {
    /// A sum of rows.
    type Sum: Copy + Default + Send + Add<Output = Self::Sum> + Sub<Output = Self::Sum>;

    /// The row at `index`.
    fn new(index: usize, weight: u64, is_positive: bool) -> Self;

    /// The same row, sampled so many times.
    fn times(self, times: u32) -> Self;

    fn index(self) -> usize;

    /// The sum of this row alone.
    fn sum(self) -> Self::Sum;

    /// The sum of this row alone if it counts, else of none; without a branch where that is faster.
    fn sum_if(self, counts: bool) -> Self::Sum;

    /// What was summed.
    fn counts(sum: Self::Sum) -> Counts;

    /// positives(left) × weight(node) - positives(node) × weight(left): 0 where left has the share of positives that the node has.
    fn surplus(left: Counts, node: Counts) -> f64;
}

/// A row in one word: from the lowest bit 22 bits of index, 21 of weight, 21 of positives. In a sum, the number of rows takes the
/// place of the index.
#[derive(Clone, Copy, Default)]
pub(super) struct PackedSample(u64);

const INDEX_BITS: u32 = 22;
const WEIGHT_BITS: u32 = 21;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;
const WEIGHT_MASK: u64 = (1 << WEIGHT_BITS) - 1;

impl PackedSample {
    /// Whether rows of indices below `rows` and a total weight of `weight` can be packed.
    pub(super) fn fits(rows: usize, weight: usize) -> bool {
        rows as u64 <= INDEX_MASK && weight as u64 <= WEIGHT_MASK
    }
}

impl TrainingSample for PackedSample {
    type Sum = u64;

    fn new(index: usize, weight: u64, is_positive: bool) -> PackedSample {
        let positives = if is_positive { weight } else { 0 };
        PackedSample(index as u64 | weight << INDEX_BITS | positives << (INDEX_BITS + WEIGHT_BITS))
    }

    #[inline(always)]
    fn times(self, times: u32) -> PackedSample {
        PackedSample((self.0 & INDEX_MASK) | ((self.0 & !INDEX_MASK) * u64::from(times)))
    }

    #[inline(always)]
    fn index(self) -> usize {
        (self.0 & INDEX_MASK) as usize
    }

    #[inline(always)]
    fn sum(self) -> u64 {
        self.0 & !INDEX_MASK | 1
    }

    #[inline(always)]
    fn sum_if(self, counts: bool) -> u64 {
        self.sum() & u64::from(counts).wrapping_neg()
    }

    #[inline(always)]
    fn counts(sum: u64) -> Counts {
        Counts {
            rows: (sum & INDEX_MASK) as u32,
            weight: sum >> INDEX_BITS & WEIGHT_MASK,
            positives: sum >> (INDEX_BITS + WEIGHT_BITS),
        }
    }

    #[inline(always)]
    fn surplus(left: Counts, node: Counts) -> f64 {
        // Exact, since the products have at most 42 bits.
        float(left.positives) * float(node.weight) - float(node.positives) * float(left.weight)
    }
}

/// A whole number below 2^63 as a float; for one with a sign there is an instruction.
#[inline(always)]
pub(super) fn float(whole: u64) -> f64 {
    whole as i64 as f64
}

/// A row of any index and weight.
#[derive(Clone, Copy, Default)]
pub(super) struct WideSample {
    index: u32,
    is_positive: bool,
    weight: u64,
}

impl TrainingSample for WideSample {
    type Sum = Counts;

    fn new(index: usize, weight: u64, is_positive: bool) -> WideSample {
        WideSample { index: index as u32, is_positive, weight }
    }

    fn times(self, times: u32) -> WideSample {
        WideSample { weight: self.weight * u64::from(times), ..self }
    }

    fn index(self) -> usize {
        self.index as usize
    }

    fn sum(self) -> Counts {
        Counts { rows: 1, weight: self.weight, positives: if self.is_positive { self.weight } else { 0 } }
    }

    fn sum_if(self, counts: bool) -> Counts {
        if counts {
            self.sum()
        } else {
            Counts::default()
        }
    }

    fn counts(sum: Counts) -> Counts {
        sum
    }

    fn surplus(left: Counts, node: Counts) -> f64 {
        let product = |a: u64, b: u64| i128::from(a) * i128::from(b);
        (product(left.positives, node.weight) - product(node.positives, left.weight)) as f64
    }
}
