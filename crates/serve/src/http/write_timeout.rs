//! A stream whose reader must read fast enough, so that a client that reads little or nothing does not keep a connection and the
//! answer on it.
//!
//! tower-http's `TimeoutLayer` ends when the head of an answer is ready; it does not see the socket, where a slow reader blocks.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{sleep_until, Instant, Sleep};

use super::connection_slot::ConnectionSlot;

/// Bytes a second that a client must read of an answer that waits for it. A time-out for any progress at all would give a client
/// that takes a byte at a time days.
const MIN_BYTES_PER_SECOND: f64 = 32.0 * 1024.0;

/// A stream whose writes fail once the reader is too slow: it has the limit, and a second more for every
/// [`MIN_BYTES_PER_SECOND`] that it reads, up to the limit from then.
pub(super) struct WriteTimeout<S> {
    stream: S,
    limit: Duration,
    slot: Arc<ConnectionSlot>,
    /// Runs from the first write that waits until all is written.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteTimeout<S> {
    pub(super) fn new(stream: S, limit: Duration, slot: Arc<ConnectionSlot>) -> WriteTimeout<S> {
        WriteTimeout { stream, limit, slot, waiting: None }
    }

    fn wait<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        match waiting.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// [`WriteTimeout::wait`] for a write, which moves the deadline on by what was written.
    fn wait_to_write(&mut self, written: Poll<io::Result<usize>>, context: &mut Context) -> Poll<io::Result<usize>> {
        self.slot.writes();
        if let (Poll::Ready(Ok(bytes)), Some(waiting)) = (&written, &mut self.waiting) {
            let more = Duration::from_secs_f64(*bytes as f64 / MIN_BYTES_PER_SECOND);
            let deadline = (waiting.deadline() + more).min(Instant::now() + self.limit);
            waiting.as_mut().reset(deadline);
        }
        self.wait(written, context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeout<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.slot.hears();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wait_to_write(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        slices: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wait_to_write(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Hyper flushes once it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.waiting = None;
            self.slot.flushed();
        }
        self.wait(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.wait(shut, context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_reader_that_never_reads_is_dropped() {
        let (ours, mut theirs) = duplex(8);
        let mut stream = WriteTimeout::new(ours, Duration::from_millis(20), Arc::default());
        stream.write_all(b"12345678").await.expect("there is room");
        let error = stream.write_all(b"9").await.expect_err("there is none");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let mut taken = [0; 8];
        theirs.read_exact(&mut taken).await.expect("what was written");
        stream.flush().await.expect("all is written");
        stream.write_all(b"9").await.expect("there is room again");
    }

    /// A byte now and then is no progress.
    #[tokio::test]
    async fn a_reader_that_dribbles_is_dropped() {
        let (ours, mut theirs) = duplex(8);
        let limit = Duration::from_millis(100);
        let mut stream = WriteTimeout::new(ours, limit, Arc::default());
        let reading = tokio::spawn(async move {
            while theirs.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let started = Instant::now();
        let error = stream.write_all(&[b'x'; 4096]).await.expect_err("it would take 41 seconds");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() < 20 * limit, "{:?}", started.elapsed());
        drop(stream);
        reading.await.expect("it ends");
    }

    #[tokio::test]
    async fn a_reader_that_is_fast_enough_may_take_longer_than_the_limit() {
        let (ours, mut theirs) = duplex(4096);
        let limit = Duration::from_millis(200);
        let mut stream = WriteTimeout::new(ours, limit, Arc::default());
        let reading = tokio::spawn(async move {
            let (mut taken, mut total) = (vec![0; 4096], 0);
            while let Ok(count @ 1..) = theirs.read(&mut taken).await {
                total += count;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            total
        });
        let started = Instant::now();
        stream.write_all(&[b'x'; 100_000]).await.expect("about 200 KiB a second");
        assert!(started.elapsed() > limit, "{:?}", started.elapsed());
        drop(stream);
        assert_eq!(reading.await.expect("it ends"), 100_000);
    }
}
