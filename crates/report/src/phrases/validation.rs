//! Words for validation schemes, their fits and leakage.

use hitflop_core::track::{TRACK, URI};
use hitflop_model::validation::leakage::ArtistEncoding;
use hitflop_model::validation::{SchemeFit, ValidationScheme};

/// The tracks that a scheme holds out, after a score: `0.884 for new artists`.
pub(crate) fn held_out_tracks(scheme: ValidationScheme) -> &'static str {
    match scheme {
        ValidationScheme::Random => "at random",
        ValidationScheme::Grouped => "for new artists",
        ValidationScheme::Forward => "for the next decade",
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

/// How the artist is added to the features.
pub(crate) fn encoding_in_words(encoding: ArtistEncoding) -> &'static str {
    match encoding {
        ArtistEncoding::None => "the features",
        ArtistEncoding::CrossFitted => "with the artist’s share of hits, by training tracks",
        ArtistEncoding::AllRows => "with the artist’s share of hits, by all tracks, test included",
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
