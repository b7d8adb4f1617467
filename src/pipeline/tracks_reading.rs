//! How tracks were read.

use serde::Serialize;

use hitflop_core::reader::mapping::ColumnMapping;
use hitflop_core::track::Feature;
use hitflop_data::track_files::TrackFiles;

/// How tracks were read: what the columns of each file are, and what was noticed.
#[derive(Clone, Debug, Serialize)]
pub struct TracksReading {
    /// Features that no file has a column for.
    pub absent: Vec<Feature>,
    /// What was noticed and needs no action: files passed over, how a file was read.
    pub notices: Vec<String>,
    /// The files, in the order of the tracks.
    pub files: Vec<FileReading>,
}

/// A file and what its columns are.
#[derive(Clone, Debug, Serialize)]
pub struct FileReading {
    /// Name of the file.
    pub file: String,
    /// What its columns are.
    pub mapping: ColumnMapping,
}

impl TracksReading {
    pub(super) fn new<'a>(
        files: impl Iterator<Item = (&'a str, &'a ColumnMapping)>,
        absent: Vec<Feature>,
        notices: Vec<String>,
    ) -> TracksReading {
        let files = files.map(|(file, mapping)| FileReading { file: file.to_owned(), mapping: mapping.clone() });
        TracksReading { absent, notices, files: files.collect() }
    }
}

impl From<&TrackFiles> for TracksReading {
    fn from(tracks: &TrackFiles) -> TracksReading {
        let files = tracks.files.iter().map(|file| (file.file.as_str(), &file.mapping));
        TracksReading::new(files, tracks.absent.clone(), tracks.notices.clone())
    }
}
