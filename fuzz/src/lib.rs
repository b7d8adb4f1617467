//! What the fuzz targets share: a table of CSV fields, files of any bytes, and a service with a small model.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{header, Request, StatusCode};
use hitflop_core::reader::{Cell, Table};
use hitflop_serve::{app, Config, ServedModel, State};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

/// A model of all features, trained on simulated tracks.
pub const MODEL: &[u8] = include_bytes!("../seeds/artifact/small.model");

/// The records of a CSV file, the first of which is the header.
pub struct CsvTable {
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl CsvTable {
    /// The table of `text`; `None` if it has no header, or a row of more or fewer fields.
    pub fn read(text: &[u8]) -> Option<CsvTable> {
        let mut reader = csv::ReaderBuilder::new().from_reader(text);
        let columns: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().ok()?;
        (!columns.is_empty()).then_some(CsvTable { columns, rows })
    }
}

impl Table for CsvTable {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        Cell::Text(&self.rows[row][column])
    }
}

/// A file of any bytes, in memory where the system has such a place; it is removed with the value.
pub struct File {
    directory: TempDir,
    name: &'static str,
}

impl File {
    /// A file of this name and content.
    pub fn new(name: &'static str, bytes: &[u8]) -> File {
        let memory = PathBuf::from("/dev/shm");
        let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let directory = tempfile::tempdir_in(place).expect("a temporary directory");
        let file = File { directory, name };
        std::fs::File::create(file.path()).and_then(|mut file| file.write_all(bytes)).expect("a written file");
        file
    }

    /// The path of the file.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join(self.name)
    }
}

/// Sends a request to a service with [`MODEL`], without a socket.
///
/// # Panics
/// The answer is a fault of the program: a status of 500 or above, but for 503.
pub fn post(path: &str, media: &str, body: &[u8]) -> (StatusCode, Vec<u8>) {
    static STATE: OnceLock<Arc<State>> = OnceLock::new();
    let state = STATE.get_or_init(|| {
        let state = State::new(Config { model_name: "hitflop".to_owned(), ..Config::default() });
        state.serve_model(ServedModel::from_bytes("small.model", MODEL).expect("the seed is a model"));
        state
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let request = Request::post(path).header(header::CONTENT_TYPE, media).body(Body::from(body.to_vec()));
        let response = app(Arc::clone(state)).oneshot(request.expect("a request")).await.expect("it never fails");
        let status = response.status();
        assert!(
            !status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE,
            "{status} for {path}: {}",
            String::from_utf8_lossy(body)
        );
        (status, response.into_body().collect().await.expect("a whole body").to_bytes().to_vec())
    })
}

/// The bytes with the SHA-256 of all before it at their end, so that what lies behind the checksum is reached.
pub fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let mut whole = bytes.to_vec();
    whole.extend_from_slice(&Sha256::digest(bytes));
    whole
}
