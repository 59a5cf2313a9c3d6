//! A response body with a companion that sees its trailers and is dropped when it ends, however it ends.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::body::Body;

/// What goes along with a body to its end.
pub trait Companion: Send + Unpin + 'static {
    /// The trailers, where gRPC says how a call ended. Not called for a body that is torn.
    fn trailers(&mut self, trailers: &HeaderMap);
}

/// Attaches a companion to a body.
pub fn with<C: Companion>(body: Body, companion: C) -> Body {
    Body::new(Tail { body, companion: Some(companion) })
}

struct Tail<C> {
    body: Body,
    companion: Option<C>,
}

impl<C: Companion> http_body::Body for Tail<C> {
    type Data = Bytes;
    type Error = tonic::Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, tonic::Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(trailers), Some(companion)) = (frame.trailers_ref(), &mut self.companion) {
                    companion.trailers(trailers);
                }
            }
            Poll::Ready(Some(Err(_)) | None) => self.companion = None,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
