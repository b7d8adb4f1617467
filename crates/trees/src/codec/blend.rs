//! Blends to bytes and back.
//!
//! In front is the version of the encoding, so that later ones can be told apart. Then come features and intercept, and of each
//! member its kind, weight, share, importances, baseline (boosting) or out-of-bag score (forest), and its trees as
//! [`encode`](super::encode) writes them.

use super::bytes::{SectionReader, SectionWriter};
use super::{decode, encode, DecodeError};
use crate::{Blend, BlendMember, DecisionTree, GradientBoosting, Leaves, MemberModel, RandomForest, Trees};

/// The version that is written.
const VERSION: usize = 1;

const DECISION_TREE: usize = 0;
const RANDOM_FOREST: usize = 1;
const GRADIENT_BOOSTING: usize = 2;

/// A blend to bytes. The same blend gives the same bytes, at any number of threads.
pub fn encode_blend(blend: &Blend) -> Vec<u8> {
    let mut writer = SectionWriter::default();
    writer.number(VERSION);
    writer.number(blend.n_features());
    writer.bits64(blend.intercept().to_bits());
    writer.number(blend.members().len());
    for BlendMember { weight, share, model } in blend.members() {
        writer.bits64(weight.to_bits());
        writer.bits64(share.to_bits());
        match model {
            MemberModel::DecisionTree(_) => writer.number(DECISION_TREE),
            MemberModel::RandomForest(forest) => {
                writer.number(RANDOM_FOREST);
                // NaN, which is no score, where there is none.
                writer.bits64(forest.oob().map_or(f64::NAN, |oob| oob.score).to_bits());
                forest.importances().iter().for_each(|share| writer.bits64(share.to_bits()));
            }
            MemberModel::GradientBoosting(boosting) => {
                writer.number(GRADIENT_BOOSTING);
                writer.bits64(boosting.baseline().to_bits());
                boosting.importances().iter().for_each(|share| writer.bits64(share.to_bits()));
            }
        }
        let trees = encode(model.trees());
        writer.number(trees.len());
        writer.raw(&trees);
    }
    writer.into_bytes()
}

/// Bytes to the blend that was encoded: its predictions are the same, bit for bit. What only a fit knows (out-of-bag
/// probabilities, validation losses) is not part of the bytes.
///
/// # Errors
/// The bytes are not what [`encode_blend`] writes, or wrote in an earlier version: something is missing, left over or out of its
/// range. The message names the part. Memory taken is at most a fixed multiple of the number of bytes.
pub fn decode_blend(bytes: &[u8]) -> Result<Blend, DecodeError> {
    let mut reader = SectionReader::new(bytes);
    let version = reader.number("version")?;
    if version != VERSION {
        return Err(DecodeError::new("version", format!("expected {VERSION}"), version));
    }
    let features = reader.number("features")?;
    let intercept = f64::from_bits(reader.bits64("intercept")?);
    let count = reader.number("members")?;
    let mut members = Vec::new();
    for index in 0..count {
        let member = read_member(&mut reader, features).map_err(|error| error.within(&format!("members[{index}]")))?;
        members.push(member);
    }
    reader.end("blend")?;
    Ok(Blend::from_parts(features, intercept, members)?)
}

fn read_member(reader: &mut SectionReader, features: usize) -> Result<BlendMember, DecodeError> {
    let weight = f64::from_bits(reader.bits64("weight")?);
    let share = f64::from_bits(reader.bits64("share")?);
    let model = match reader.number("kind")? {
        DECISION_TREE => MemberModel::DecisionTree(decision_tree(read_trees(reader)?)?),
        RANDOM_FOREST => {
            let oob_score = f64::from_bits(reader.bits64("oob_score")?);
            let importances = read_importances(reader, features)?;
            let oob_score = Some(oob_score).filter(|score| !score.is_nan());
            MemberModel::RandomForest(RandomForest::from_parts(read_trees(reader)?, importances, oob_score)?)
        }
        GRADIENT_BOOSTING => {
            let baseline = f64::from_bits(reader.bits64("baseline")?);
            if !baseline.is_finite() {
                return Err(DecodeError::new("baseline", "expected a finite number", baseline));
            }
            let importances = read_importances(reader, features)?;
            MemberModel::GradientBoosting(boosting(read_trees(reader)?, baseline, importances)?)
        }
        kind => return Err(DecodeError::new("kind", "expected 0, 1 or 2", kind)),
    };
    Ok(BlendMember { weight, share, model })
}

fn read_trees(reader: &mut SectionReader) -> Result<Trees, DecodeError> {
    let length = reader.number("trees")?;
    decode(reader.raw("trees", length)?)
}

fn read_importances(reader: &mut SectionReader, features: usize) -> Result<Vec<f64>, DecodeError> {
    let mut importances = Vec::new();
    for _ in 0..features {
        let share = f64::from_bits(reader.bits64("importances")?);
        if !(0.0..=1.0).contains(&share) {
            return Err(DecodeError::new("importances", "expected numbers from 0 to 1", share));
        }
        importances.push(share);
    }
    Ok(importances)
}

/// A tree whose leaves hold shares.
fn decision_tree(trees: Trees) -> Result<DecisionTree, DecodeError> {
    match trees.trees() {
        [tree] if matches!(tree.leaves, Leaves::Frequencies(_)) => Ok(DecisionTree::from_trees(trees)),
        [_] => Err(DecodeError::new("trees", "expected leaves that hold class frequencies", "values")),
        more => Err(DecodeError::new("trees", "expected one tree", more.len())),
    }
}

/// Trees whose leaves hold log odds.
fn boosting(trees: Trees, baseline: f64, importances: Vec<f64>) -> Result<GradientBoosting, DecodeError> {
    if importances.len() != trees.n_features() {
        let rule = format!("expected {}, one a feature", trees.n_features());
        return Err(DecodeError::new("importances", rule, importances.len()));
    }
    match trees.trees().iter().position(|tree| !matches!(tree.leaves, Leaves::Values(_))) {
        None => Ok(GradientBoosting::from_parts(trees, baseline, importances)),
        Some(tree) => Err(DecodeError::new(
            format!("trees[{tree}].leaves"),
            "expected leaves that hold values",
            "class frequencies",
        )),
    }
}
