//! Calls to other services: the trace and what is left of the deadline go along.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::HeaderValue;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint, Error};
use tower::Service;

use super::layers::deadline::{self, TIMEOUT_HEADER};
use crate::telemetry::propagation;

/// Left to the caller for what it does with the answer.
const MARGIN: Duration = Duration::from_millis(20);

/// A channel that forwards trace and deadline. Generated clients take it as their transport; clones share the
/// connection.
#[derive(Clone, Debug)]
pub struct Outgoing(Channel);

/// A channel to `url` (`http://host:port`), which connects when it is first used, and again when it has to.
///
/// # Errors
/// When the URL is none.
pub fn connect(url: &str) -> Result<Outgoing, Error> {
    let endpoint = Endpoint::from_shared(url.to_owned())?
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .tcp_keepalive(Some(Duration::from_secs(60)))
        .http2_keep_alive_interval(Duration::from_secs(60))
        .keep_alive_timeout(Duration::from_secs(20))
        .keep_alive_while_idle(false);
    Ok(Outgoing(endpoint.connect_lazy()))
}

impl Service<http::Request<Body>> for Outgoing {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        propagation::inject(request.headers_mut());
        let remaining = deadline::current().map(|deadline| deadline.remaining().saturating_sub(MARGIN));
        if let Some(remaining) = remaining
            && !request.headers().contains_key(TIMEOUT_HEADER)
        {
            let ms = remaining.as_millis().clamp(1, 99_999_999);
            let stated = HeaderValue::from_str(&format!("{ms}m")).expect("digits and a letter");
            request.headers_mut().insert(TIMEOUT_HEADER, stated);
        }
        Box::pin(self.0.call(request))
    }
}
