//! Header, trees, reference and fallback models as the bytes of one file, and back.

use sha2::{Digest, Sha256};

use super::model_file::{IntoError, ModelFileReader};
use hitflop_core::digest::hex;
use hitflop_core::error::{Error, Result};

/// The first bytes of every model file.
const MAGIC: [u8; 8] = *b"hitflop\0";
/// The version that is written. In versions 3 and 4, which are read as well, trees were in an older form, and version 3 had no
/// fallback models. Version 1 was JSON; version 2 had no reference, no calibration, and no objective of its threshold.
const VERSION: u32 = 5;
/// The oldest version that is read.
const WITHOUT_FALLBACKS: u32 = 3;
/// Magic, version, length of the header, of the trees, and of the reference.
const PREAMBLE: usize = 8 + 4 + 4 + 8 + 4;
/// Length of the fallback models' trees.
const FALLBACKS_LENGTH: usize = 8;
const CHECKSUM: usize = 32;

/// The parts of a file.
pub(crate) struct EnvelopeParts<'a> {
    /// JSON.
    pub header: &'a [u8],
    /// In the form of `hitflop_trees::codec`, that of a blend by `encode_blend`.
    pub trees: &'a [u8],
    /// In the form of `reference_codec`.
    pub reference: &'a [u8],
    /// Trees of the fallback models one after the other, each with its length (u64) before it; may be empty.
    pub fallbacks: &'a [u8],
}

/// The parts of a file that was opened; what the trees are is in the header.
pub(crate) struct OpenedEnvelope<'a> {
    pub header: &'a [u8],
    pub trees: &'a [u8],
    pub reference: &'a [u8],
    pub fallbacks: &'a [u8],
}

/// The bytes of a file.
pub(crate) fn seal(EnvelopeParts { header, trees, reference, fallbacks }: EnvelopeParts) -> Vec<u8> {
    let content = [header, trees, reference, fallbacks];
    let length = content.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(PREAMBLE + FALLBACKS_LENGTH + length + CHECKSUM);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend((trees.len() as u64).to_le_bytes());
    bytes.extend((reference.len() as u32).to_le_bytes());
    bytes.extend((fallbacks.len() as u64).to_le_bytes());
    content.iter().for_each(|part| bytes.extend(*part));
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The parts of a file whose magic, version, lengths and checksum are right.
pub(crate) fn open<'a>(file: &ModelFileReader, bytes: &'a [u8]) -> Result<OpenedEnvelope<'a>> {
    let Some((preamble, rest)) = bytes.split_first_chunk::<PREAMBLE>() else {
        check_magic(file, bytes)?;
        return Err(cut_short(file, bytes));
    };
    check_magic(file, preamble)?;
    let version = check_version(file, number(&preamble[8..12]))?;
    let (start, fallbacks) = match (version, rest.split_first_chunk::<FALLBACKS_LENGTH>()) {
        (WITHOUT_FALLBACKS, _) => (PREAMBLE, 0),
        (_, Some((length, _))) => (PREAMBLE + FALLBACKS_LENGTH, number(length)),
        (_, None) => return Err(cut_short(file, bytes)),
    };
    // Lengths that a file can't have may overflow; they are compared as wider numbers.
    let [header, trees, reference] = [&preamble[12..16], &preamble[16..24], &preamble[24..28]].map(number);
    let lengths = [header, trees, reference, fallbacks];
    let expected = (start + CHECKSUM) as u128 + lengths.iter().copied().map(u128::from).sum::<u128>();
    if expected != bytes.len() as u128 {
        let why = match expected > bytes.len() as u128 {
            true => "the file is cut short, or it is damaged",
            false => "something was added to it, or it is damaged",
        };
        let fault = file.fault("", format!("expected {expected} bytes; {why}")).found(bytes.len().to_string());
        return Err(fault.into_error());
    }
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if Sha256::digest(content)[..] != *checksum {
        let rule = "expected the checksum of what comes before it; the file is damaged";
        return Err(file.fault("checksum", rule).found(hex(checksum)).into_error());
    }
    // The lengths add up to that of the file, so they fit.
    let [header, trees, reference, _] = lengths.map(|length| length as usize);
    let (header, rest) = content[start..].split_at(header);
    let (trees, rest) = rest.split_at(trees);
    let (reference, fallbacks) = rest.split_at(reference);
    Ok(OpenedEnvelope { header, trees, reference, fallbacks })
}

/// Several parts as one, each with its length before it.
pub(crate) fn pack(parts: &[Vec<u8>]) -> Vec<u8> {
    let length = |part: &Vec<u8>| (part.len() as u64).to_le_bytes();
    parts.iter().flat_map(|part| length(part).into_iter().chain(part.iter().copied()).collect::<Vec<u8>>()).collect()
}

/// The parts that were packed; `None` if a length is none that they can have.
pub(crate) fn unpack(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (part, rest) = rest.split_at_checked(usize::try_from(number(length)).ok()?)?;
        parts.push(part);
        bytes = rest;
    }
    Some(parts)
}

fn cut_short(file: &ModelFileReader, bytes: &[u8]) -> Error {
    let rule = format!("expected at least {} bytes; the file is cut short", PREAMBLE + CHECKSUM);
    file.fault("", rule).found(bytes.len().to_string()).into_error()
}

fn check_version(file: &ModelFileReader, version: u64) -> Result<u32> {
    if version == 0 || version > u64::from(VERSION) {
        let rule = format!("expected at most {VERSION}; the model was written by a newer program");
        return Err(file.fault("version", rule).found(version.to_string()).into_error());
    }
    if version < u64::from(WITHOUT_FALLBACKS) {
        let rule = format!(
            "expected {WITHOUT_FALLBACKS} to {VERSION}; the model was written by an older program: train it again"
        );
        return Err(file.fault("version", rule).found(version.to_string()).into_error());
    }
    Ok(version as u32)
}

fn check_magic(file: &ModelFileReader, bytes: &[u8]) -> Result<()> {
    let start = &bytes[..bytes.len().min(MAGIC.len())];
    if MAGIC.starts_with(start) && !bytes.is_empty() {
        return Ok(());
    }
    let rule = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => "expected a model of this program, found nothing",
        Some(b'{') => "expected a model of this program; a JSON model of its first version has to be trained again",
        Some(_) => "expected a model of this program, which begins with \"hitflop\"",
    };
    Err(file.fault("", rule).into_error())
}

/// Little-endian, at most eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
