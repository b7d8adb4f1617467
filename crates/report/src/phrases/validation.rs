//! Words for validation schemes, their fits and leakage.

use crate::format::fixed;
use hitflop_core::track::{TRACK, URI};
use hitflop_model::validation::leakage::ArtistEncoding;
use hitflop_model::validation::{SchemeFit, ValidationScheme};

/// What groups of tracks that belong together are called.
#[derive(Clone, Copy)]
pub(crate) struct GroupNoun {
    /// `artist`, or `group` where no artist is known.
    pub(crate) one: &'static str,
    /// `artists`, or `groups`.
    pub(crate) many: &'static str,
    /// What tracks of a group share.
    pub(crate) keys: &'static str,
}

/// The words for groups of tracks with or without artists.
pub(crate) fn group_noun(has_artists: bool) -> GroupNoun {
    match has_artists {
        true => GroupNoun { one: "artist", many: "artists", keys: "artist, URI or audio" },
        false => GroupNoun { one: "group", many: "groups", keys: "URI or audio" },
    }
}

/// The tracks that a scheme holds out, after a score: `0.884 for new artists`.
pub(crate) fn held_out_tracks(scheme: ValidationScheme, noun: &GroupNoun) -> String {
    match scheme {
        ValidationScheme::Random => "on a random split".to_owned(),
        ValidationScheme::Grouped => format!("for new {}", noun.many),
        ValidationScheme::Forward => "for the next decade".to_owned(),
    }
}

/// `1970s from the 1960s`, `1990s from the 1960s to 1980s`; `split of seed 42` where time does not split.
pub(crate) fn fit_name(part: &SchemeFit) -> String {
    match (part.test_decade, part.train_decades.as_slice()) {
        (Some(test), [only]) => format!("{test} from the {only}"),
        (Some(test), [first, .., last]) => format!("{test} from the {first} to {last}"),
        _ => format!("split of seed {}", part.seed.map_or("–".to_owned(), |seed| seed.to_string())),
    }
}

/// A p-value after the letter: `= 0.004`, `< 0.001`.
pub(crate) fn p_value_in_words(p_value: f64) -> String {
    if p_value < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("= {}", fixed(p_value, 3))
    }
}

/// How the artist is added to the features.
pub(crate) fn encoding_in_words(encoding: ArtistEncoding) -> &'static str {
    match encoding {
        ArtistEncoding::None => "the features",
        ArtistEncoding::CrossFitted => "features and the artist’s share of hits in training",
        ArtistEncoding::AllRows => "features and the artist’s share of hits in all tracks",
    }
}

/// What a text column is called in a sentence.
pub(crate) fn text_name(column: &str) -> &str {
    match column {
        TRACK => "title",
        URI => "URI",
        other => other,
    }
}
