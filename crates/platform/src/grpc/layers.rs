//! What surrounds every call, from outside: observation (span, metrics, log line), panics, deadline, in-flight limit,
//! and the words of refusals that tonic makes by itself.
//!
//! They are our own, and all inside the observation, because tonic's built-in ones run outside of user layers: what they
//! end would leave no trace.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tower::{Layer, Service};

pub mod deadline;
pub mod in_flight;
pub mod native;
pub mod observe;
pub mod panic;
pub mod tail;

/// A request as it comes from the wire.
pub type Request = http::Request<Body>;
/// A response as it goes to the wire.
pub type Response = http::Response<Body>;

/// What the layers surround: tonic's routes, or a further layer. Always ready.
pub trait Calls:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Calls for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

/// One layer: what it does around a call.
pub trait Around: Clone + Send + 'static {
    /// Answers the request, as a rule by [`Next::run`].
    fn around<S: Calls>(
        self,
        request: Request,
        next: Next<S>,
    ) -> impl Future<Output = Response> + Send + 'static;
}

/// The rest of the way inwards.
pub struct Next<S>(S);

impl<S: Calls> Next<S> {
    /// Goes on with the call.
    pub async fn run(mut self, request: Request) -> Response {
        match self.0.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// An [`Around`] as a tower layer.
#[derive(Clone)]
pub struct Step<A>(pub A);

/// A service with an [`Around`] around it.
#[derive(Clone)]
pub struct Surrounded<A, S> {
    around: A,
    inner: S,
}

impl<A: Clone, S> Layer<S> for Step<A> {
    type Service = Surrounded<A, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Surrounded { around: self.0.clone(), inner }
    }
}

impl<A: Around, S: Calls> Service<Request> for Surrounded<A, S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The instance that was polled ready is the one to be called; its clone waits for the next call.
        let waiting = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, waiting);
        let answer = self.around.clone().around(request, Next(ready));
        Box::pin(async move { Ok(answer.await) })
    }
}
