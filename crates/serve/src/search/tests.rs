//! Searches among few tracks.

use super::{Found, TrackIndex};
use hitflop_core::track::{Decade, Feature, Label};
use hitflop_model::artifact::known_tracks::{KnownTracks, Texts};

/// Title, artist, decade and whether it is a hit; the URI has the index.
const TRACKS: [(&str, &str, i32, bool); 15] = [
    ("Ship of Glass", "The Lanterns", 1960, true),
    ("Ship of Glass", "The Lanterns", 1970, false),
    ("Ship of Glass - Remastered 2009", "The Lanterns", 1960, true),
    ("Glass", "Ana Müller", 2010, false),
    ("Glass", "Bo Ström", 1990, true),
    ("Don’t Look", "AB/CD", 1980, true),
    ("Ångström Señorita", "Zoë & the Few", 2000, false),
    ("Lanterns", "Queen of Hearts", 1980, false),
    ("Lantern Light", "Maroon 9", 2000, true),
    ("!!!", "???", 1990, false),
    ("", "Nobody", 1990, false),
    ("Glassware", "The Ship", 1970, true),
    ("Annie Gold", "Some One", 1980, true),
    ("Anna Peña", "Golda Mannie", 1970, false),
    ("Stay", "Anny Bold", 1990, true),
];

fn uri(track: usize) -> String {
    format!("spotify:track:{track:022}")
}

fn known() -> KnownTracks {
    let texts = |texts: Vec<String>| Texts::of(texts.iter().map(String::as_str)).expect("short texts");
    let mut uris: Vec<String> = (0..TRACKS.len()).map(uri).collect();
    // One URI in two decades, and a track without one.
    uris[1] = uri(0);
    uris[10].clear();
    KnownTracks {
        titles: texts(TRACKS.map(|track| track.0.to_owned()).to_vec()),
        artists: texts(TRACKS.map(|track| track.1.to_owned()).to_vec()),
        uris: texts(uris),
        decades: TRACKS.map(|track| Decade::from_year(track.2)).to_vec(),
        labels: TRACKS.map(|track| if track.3 { Label::Hit } else { Label::Flop }).to_vec(),
        features: vec![vec![1.0; TRACKS.len()]; Feature::AUDIO.len()],
        ..KnownTracks::default()
    }
}

fn search(query: &str) -> Found {
    let tracks = known();
    TrackIndex::new(&tracks).expect("an index").search(&tracks, query, 50)
}

fn found(query: &str) -> Vec<usize> {
    search(query).tracks
}

#[test]
fn words_of_title_and_artist_are_found_in_any_order() {
    for query in
        ["ship glass lanterns", "LANTERNS Glass ship", "Ship of Glass by The Lanterns", "glass  -  lanterns, ship"]
    {
        assert_eq!(found(query), [0, 2, 1], "{query}: hits first");
    }
    assert_eq!(found("müller glass"), [3]);
    assert_eq!(found("glass nobody"), [] as [usize; 0]);
}

#[test]
fn case_accents_and_punctuation_do_not_matter() {
    for (query, track) in [
        ("ana muller", 3),
        ("ANA MU\u{308}LLER", 3),
        ("strom", 4),
        ("dont look", 5),
        ("DON'T", 5),
        ("ab/cd", 5),
        ("ABCD", 5),
        ("angstrom senorita", 6),
        ("zoe and the few", 6),
        ("zoe & the few", 6),
        ("maroon9", 8),
        ("!!!", 9),
    ] {
        assert_eq!(found(query).first(), Some(&track), "{query}");
    }
}

#[test]
fn words_may_be_unfinished_or_have_typing_errors() {
    for query in ["ship of gl", "sh gla lan", "ship of"] {
        assert_eq!(found(query)[0], 0, "{query}");
    }
    for (query, track) in [
        ("lantrens ship", 0),
        ("lantens ship", 0),
        ("glasss ship lanterns", 0),
        ("senorrita", 6),
        ("angstorm seniorita", 6),
        ("mullar", 3),
        ("xngstrxm", 6),
    ] {
        assert_eq!(found(query).first(), Some(&track), "{query}");
    }
    assert!(found("xngxtrxm").is_empty(), "three errors");
    assert!(found("zip").is_empty(), "a short word alone has none");
    // Beside other words it has one: in the name, and in the artist.
    assert_eq!(found("shp of glass lanterns")[0], 0);
    assert_eq!(found("ana pea").first(), Some(&13));
    assert_eq!(found("queen hearts lar"), [] as [usize; 0]);
}

#[test]
fn whole_titles_and_artists_come_first() {
    // Of whole titles the hit, then of parts the hit with the fewest other letters.
    assert_eq!(found("glass")[..3], [4, 3, 0]);
    assert_eq!(found("lanterns")[..3], [0, 2, 1].map(|track| track), "the artist, whose article is no other word");
    let exact = found("lantern");
    assert_eq!(exact[0], 8, "a whole word before the beginning of one");
}

#[test]
fn a_good_match_excludes_others_and_spellings_that_sound_alike_are_good() {
    assert_eq!(found("annie gold"), [12]);
    for query in ["anny gold", "annie golld", "gold annie"] {
        assert_eq!(found(query).first(), Some(&12), "{query}");
    }
}

#[test]
fn links_find_all_versions_of_a_uri() {
    for query in [uri(0), format!("https://open.spotify.com/intl-de/track/{:022}?si=x", 0), format!("see {} !", uri(0))]
    {
        let found = search(&query);
        assert_eq!((found.uri, found.tracks, found.matches), (Some(uri(0)), vec![0, 1], 2), "{query}");
    }
    let unknown = search(&uri(99));
    assert_eq!((unknown.uri, unknown.tracks, unknown.matches), (Some(uri(99)), vec![], 0));
    assert!(search("https://open.spotify.com/album/0000000000000000000000").uri.is_none());
}

#[test]
fn the_number_of_all_matches_is_given() {
    let tracks = known();
    let index = TrackIndex::new(&tracks).expect("an index");
    let all = index.search(&tracks, "glass", 50);
    let few = index.search(&tracks, "glass", 2);
    assert_eq!((few.matches, &few.tracks[..]), (all.tracks.len(), &all.tracks[..2]));
    assert!(all.matches > 4);
    assert!(index.bytes() > 100 && index.words() > 20);
}

#[test]
fn any_text_is_searched_for() {
    let hostile = [
        String::new(),
        " \t\n".to_owned(),
        "\u{0}\u{1b}[31m\u{7f}".to_owned(),
        "a".repeat(300),
        "a ".repeat(150),
        "lanterns ".repeat(33),
        "\u{1f600}".repeat(300),
        "\u{202e}\u{200b}\u{feff}".to_owned(),
        "ﷺ".repeat(100),
        "spotify:track:".repeat(20),
        "' OR 1=1 --".to_owned(),
        "%00 ../ <script>".to_owned(),
    ];
    for query in &hostile {
        let found = search(query);
        assert!(found.tracks.len() <= found.matches && found.matches <= TRACKS.len(), "{query:?}");
    }
    for empty in &hostile[..3] {
        assert_eq!(search(empty).matches, 0, "{empty:?}");
    }
    assert_eq!(found(&hostile[5])[0], 0, "a repeated word counts once");
    let none = KnownTracks { features: vec![Vec::new(); Feature::AUDIO.len()], ..KnownTracks::default() };
    assert_eq!(TrackIndex::new(&none).expect("an index").search(&none, "glass", 5), Found::default());
}
