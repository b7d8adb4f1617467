//! The least that a service of axum's does for the notebook's client: it parses the body and answers. `benches/serve.sh` holds
//! `hitflop serve` against it. Usage: `cargo bench --bench plain_axum -- ADDRESS:PORT`.

use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;

#[derive(Deserialize)]
struct SongBody {
    danceability: f64,
    energy: f64,
    key: f64,
    loudness: f64,
    mode: f64,
    speechiness: f64,
    acousticness: f64,
    instrumentalness: f64,
    liveness: f64,
    valence: f64,
    tempo: f64,
    duration_ms: f64,
    time_signature: f64,
    chorus_hit: f64,
}

impl SongBody {
    /// Every value is read, so that none is parsed for nothing.
    fn sum(&self) -> f64 {
        self.danceability
            + self.energy
            + self.key
            + self.loudness
            + self.mode
            + self.speechiness
            + self.acousticness
            + self.instrumentalness
            + self.liveness
            + self.valence
            + self.tempo
            + self.duration_ms
            + self.time_signature
            + self.chorus_hit
    }
}

fn main() -> anyhow::Result<()> {
    // Cargo adds a flag of its own.
    let Some(addr) = std::env::args().skip(1).find(|argument| argument != "--bench") else {
        println!("usage: cargo bench --bench plain_axum -- ADDRESS:PORT");
        return Ok(());
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let answer = |Json(song): Json<SongBody>| async move { Json(u8::from(song.sum() > 0.0)) };
        let app = Router::new().route("/songs/predict", post(answer));
        let listener = tokio::net::TcpListener::bind(addr).await?;
        Ok(axum::serve(listener, app).await?)
    })
}
