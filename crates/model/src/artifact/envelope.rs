//! Header, trees and reference as the bytes of one file, and back.

use sha2::{Digest, Sha256};

use super::model_file::{IntoError, ModelFileReader};
use hitflop_core::digest::hex;
use hitflop_core::error::Result;

/// The first bytes of every model file.
const MAGIC: [u8; 8] = *b"hitflop\0";
/// The version written, and the only one that is read. Version 1 was JSON; version 2 had no reference, no calibration, and no
/// objective of its threshold.
const VERSION: u32 = 3;
/// Magic, version, length of the header, of the trees, and of the reference.
const PREAMBLE: usize = 8 + 4 + 4 + 8 + 4;
const CHECKSUM: usize = 32;

/// The three parts of a file.
pub(crate) struct EnvelopeParts<'a> {
    /// JSON.
    pub header: &'a [u8],
    /// In the form of `hitflop_trees::codec`.
    pub trees: &'a [u8],
    /// In the form of `reference_codec`.
    pub reference: &'a [u8],
}

/// The bytes of a file.
pub(crate) fn seal(EnvelopeParts { header, trees, reference }: EnvelopeParts) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREAMBLE + header.len() + trees.len() + reference.len() + CHECKSUM);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend((trees.len() as u64).to_le_bytes());
    bytes.extend((reference.len() as u32).to_le_bytes());
    bytes.extend(header);
    bytes.extend(trees);
    bytes.extend(reference);
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The parts of a file whose magic, version, lengths and checksum are right.
pub(crate) fn open<'a>(file: &ModelFileReader, bytes: &'a [u8]) -> Result<EnvelopeParts<'a>> {
    let Some((preamble, _)) = bytes.split_first_chunk::<PREAMBLE>() else {
        check_magic(file, bytes)?;
        let rule = format!("expected at least {} bytes; the file is cut short", PREAMBLE + CHECKSUM);
        return Err(file.fault("", rule).found(bytes.len().to_string()).into_error());
    };
    check_magic(file, preamble)?;
    let version = number(&preamble[8..12]);
    if version == 0 || version > u64::from(VERSION) {
        let rule = format!("expected at most {VERSION}; the model was written by a newer program");
        return Err(file.fault("version", rule).found(version.to_string()).into_error());
    }
    if version != u64::from(VERSION) {
        let rule = format!("expected {VERSION}; the model was written by an older program: train it again");
        return Err(file.fault("version", rule).found(version.to_string()).into_error());
    }
    // Lengths that a file can't have may overflow; they are compared as wider numbers.
    let lengths = [&preamble[12..16], &preamble[16..24], &preamble[24..28]].map(number);
    let expected = (PREAMBLE + CHECKSUM) as u128 + lengths.iter().copied().map(u128::from).sum::<u128>();
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
    let [header, trees, _] = lengths.map(|length| length as usize);
    let (header, rest) = content[PREAMBLE..].split_at(header);
    let (trees, reference) = rest.split_at(trees);
    Ok(EnvelopeParts { header, trees, reference })
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
