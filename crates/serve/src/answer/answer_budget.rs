//! Answers that are written but not yet sent take so much memory in all: a client that sends requests and does not read fills no more.
//!
//! The room of an answer is free again when its last byte is with the operating system, or its connection is closed. tower-http
//! has limits of concurrency only: a request of theirs is over when the head of its answer is ready.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::rejection::Rejection;

/// Larger answers take room. Smaller ones take no more than their connection.
const UNMETERED_BYTES: usize = 16 << 10;

/// Room for answers, in KiB.
#[derive(Debug)]
pub(crate) struct AnswerBudget {
    room: Arc<Semaphore>,
    most: usize,
}

/// Marks a response that takes no room of its own: it has it already, or its bytes are those of every other such response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unmetered;

impl AnswerBudget {
    /// Room for `bytes` bytes.
    pub(crate) fn new(bytes: usize) -> AnswerBudget {
        let most = bytes.div_ceil(1 << 10).min(Semaphore::MAX_PERMITS);
        AnswerBudget { room: Arc::new(Semaphore::new(most)), most: bytes }
    }

    fn take(&self, bytes: usize) -> Result<Arc<OwnedSemaphorePermit>, Rejection> {
        if bytes > self.most {
            return Err(self.too_large());
        }
        let needed = u32::try_from(bytes.div_ceil(1 << 10)).map_err(|_| self.too_large())?;
        Arc::clone(&self.room).try_acquire_many_owned(needed).map(Arc::new).map_err(|_| Rejection::Busy)
    }

    fn too_large(&self) -> Rejection {
        let most = self.most;
        Rejection::TooLarge(format!("The answer is too large, at most {most} bytes are allowed; send fewer rows"))
    }

    /// A part of an answer, which takes its room from now on. Parts are made by several threads.
    ///
    /// # Errors
    /// There is no room left.
    pub(crate) fn part(&self, mut bytes: Vec<u8>) -> Result<Bytes, Rejection> {
        // The room that it takes is its length.
        bytes.shrink_to_fit();
        let room = self.take(bytes.len())?;
        Ok(held(bytes.into(), &room))
    }

    /// The room that `response` takes, unless it is small or [`Unmetered`].
    ///
    /// # Errors
    /// There is no room left.
    pub(crate) fn meter(&self, response: Response) -> Result<Response, Rejection> {
        let bytes = usize::try_from(response.body().size_hint().lower()).unwrap_or(usize::MAX);
        if bytes <= UNMETERED_BYTES || response.extensions().get::<Unmetered>().is_some() {
            return Ok(response);
        }
        let room = self.take(bytes)?;
        Ok(response.map(|body| Body::new(MeteredBody { body, room })))
    }
}

/// Bytes with their room. Hyper drops a body before it has sent the last of its bytes, but not the bytes.
fn held(bytes: Bytes, room: &Arc<OwnedSemaphorePermit>) -> Bytes {
    struct HeldBytes {
        bytes: Bytes,
        _room: Arc<OwnedSemaphorePermit>,
    }
    impl AsRef<[u8]> for HeldBytes {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }
    Bytes::from_owner(HeldBytes { bytes, _room: Arc::clone(room) })
}

/// A body whose bytes have their room. http-body-util's `map_frame` would lose the length.
struct MeteredBody {
    body: Body,
    room: Arc<OwnedSemaphorePermit>,
}

impl HttpBody for MeteredBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        polled.map_ok(|frame| frame.map_data(|bytes| held(bytes, &self.room)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body of parts, of a known length.
pub(crate) struct PartsBody {
    parts: VecDeque<Bytes>,
    left: u64,
}

impl PartsBody {
    /// `parts` in their order.
    pub(crate) fn new(parts: Vec<Bytes>) -> PartsBody {
        let left = parts.iter().map(|part| part.len() as u64).sum();
        PartsBody { parts: parts.into(), left }
    }
}

impl HttpBody for PartsBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.parts.pop_front();
        self.left -= part.as_ref().map_or(0, |part| part.len() as u64);
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn room_is_taken_until_the_bytes_are_gone() {
        let budget = AnswerBudget::new(100 << 10);
        let [first, second] = [40, 50].map(|kib| budget.part(vec![b'x'; kib << 10]).expect("there is room"));
        assert_eq!(budget.part(vec![0; 20 << 10]), Err(Rejection::Busy));
        assert!(matches!(budget.part(vec![0; 200 << 10]), Err(Rejection::TooLarge(_))));
        let body = Body::new(PartsBody::new(vec![first, second]));
        assert_eq!(body.size_hint().exact(), Some(90 << 10));
        let bytes = body.collect().await.expect("a body").to_bytes();
        assert_eq!((bytes.len(), budget.room.available_permits()), (90 << 10, 100));
    }

    #[tokio::test]
    async fn a_response_is_metered_once() {
        let budget = AnswerBudget::new(100 << 10);
        let large = || Response::new(Body::from(vec![b'x'; 60 << 10]));
        let mut first = budget.meter(large()).expect("there is room");
        assert_eq!(first.body().size_hint().exact(), Some(60 << 10));
        assert_eq!(budget.meter(large()).map(drop), Err(Rejection::Busy));
        budget.meter(Response::new(Body::from("small"))).expect("a small one needs none");
        let mut shared = large();
        shared.extensions_mut().insert(Unmetered);
        budget.meter(shared).expect("its bytes are shared");
        let frame = first.body_mut().frame().await.expect("a frame").expect("data");
        drop(first);
        // The bytes are still there.
        assert_eq!(budget.meter(large()).map(drop), Err(Rejection::Busy));
        drop(frame);
        budget.meter(large()).expect("there is room again");
    }
}
