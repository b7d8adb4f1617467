//! A socket, its connections, and an orderly shutdown.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service;
use tracing::{debug, info, warn};

use super::connections::{Connections, OpenConnection};
use super::telemetry::ClientAddress;
use super::write_timeout::WriteTimeout;
use crate::served::state::State;

/// Maximum number of bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// Maximum number of bytes that a connection reads ahead.
const MAX_BUFFER_BYTES: usize = 64 << 10;
/// Pause after an error that does not pass at once, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` until `stop` is true, then waits for the requests in flight within the grace time.
pub async fn serve(listener: TcpListener, app: Router, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let limits = &state.config.limits;
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(limits.connections);
    let http = builder(limits.header_timeout);
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &connections, &state) => accepted,
        };
        let (stream, peer, connection) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let app = app.clone();
        let slot = Arc::clone(&connection.slot);
        let io = TokioIo::new(WriteTimeout::new(stream, limits.write_timeout, Arc::clone(&slot)));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ClientAddress(peer));
            let serving = slot.serve();
            // A router is always ready.
            let response = app.clone().call(request.map(|body| slot.receive(body)));
            async move {
                let _serving = serving;
                response.await
            }
        });
        let served = graceful.watch(http.serve_connection(io, service));
        let open = state.metrics.connect();
        tokio::spawn(async move {
            let _open = open;
            tokio::select! {
                ended = served => if let Err(error) = ended {
                    debug!(%error, %peer, "a connection ended early");
                },
                () = connection.slot.closed() => debug!(%peer, "a connection that waited for its client made room for another"),
            }
        });
    }
    state.stop();
    drop(listener);
    info!("finishing the requests in flight");
    if tokio::time::timeout(limits.grace, graceful.shutdown()).await.is_err() {
        warn!("some requests did not finish in time and are aborted");
    }
}

fn builder(header_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_BUFFER_BYTES)
        .half_close(false);
    builder
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
    state: &State,
) -> io::Result<(TcpStream, SocketAddr, OpenConnection)> {
    let (stream, peer) = listener.accept().await?;
    let connection = connections.enter(|| state.metrics.evicted()).await;
    // Answers are written whole, so Nagle's algorithm only delays them.
    stream.set_nodelay(true)?;
    Ok((stream, peer, connection))
}
