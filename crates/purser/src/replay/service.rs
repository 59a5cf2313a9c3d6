//! The way to the service: a few channels, and one function that makes a call until it is answered or patience ends.
//! Knows no RPC by name.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use contract::purser::catalog::v1::catalog_service_client::CatalogServiceClient;
use contract::purser::inventory::v1::inventory_service_client::InventoryServiceClient;
use contract::purser::order::v1::order_service_client::OrderServiceClient;
use contract::purser::payment::v1::payment_service_client::PaymentServiceClient;
use tokio::time::Instant;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use super::error::ReplayError;
use super::verdict::{Refused, Verdict, judge};

// One HTTP/2 connection is one task and one lock; a few let the load use every core.
const CHANNELS: usize = 4;
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_LAST: Duration = Duration::from_secs(2);
// An answer of BatchGetOrders holds up to 4,000 lines.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A Purser service at an address. Connects when it is first needed, and again whenever the connection is lost.
pub struct Service {
    url: String,
    channels: Vec<Channel>,
    next: AtomicUsize,
    patience: Duration,
    troubled: AtomicBool,
    say: Box<dyn Fn(&str) + Send + Sync>,
}

/// An answer, and what it took.
pub struct Answer<T> {
    /// The response.
    pub message: T,
    /// True when an earlier try of this call ended without an answer: it may have done what this one then replayed.
    pub in_doubt: bool,
}

/// Why a call has no answer.
pub enum CallError {
    /// The service decided against it.
    Refused(Refused),
    /// The whole replay ends.
    Fatal(ReplayError),
}

impl From<ReplayError> for CallError {
    fn from(error: ReplayError) -> Self {
        Self::Fatal(error)
    }
}

impl CallError {
    /// The same for a call that must not be refused.
    pub fn fatal(self, call: &'static str) -> ReplayError {
        match self {
            Self::Refused(refused) => ReplayError::Refused { call, refused },
            Self::Fatal(error) => error,
        }
    }
}

impl Service {
    /// Prepares the way to `to` (a URL; `http://` may be left out). Needs a running tokio runtime. A call is tried for
    /// `patience` after its first failure; `say` is told once per outage.
    ///
    /// # Errors
    /// [`ReplayError::Address`].
    pub fn new(
        to: &str,
        patience: Duration,
        say: Box<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Self, ReplayError> {
        let url = if to.contains("://") { to.to_owned() } else { format!("http://{to}") };
        let endpoint = Endpoint::from_shared(url.clone()).map_err(|_| ReplayError::Address(to.to_owned()))?;
        if endpoint.uri().host().is_none() {
            return Err(ReplayError::Address(to.to_owned()));
        }
        let endpoint = endpoint
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(10));
        let channels = (0..CHANNELS).map(|_| endpoint.connect_lazy()).collect();
        Ok(Self { url, channels, next: AtomicUsize::new(0), patience, troubled: AtomicBool::new(false), say })
    }

    fn channel(&self) -> Channel {
        self.channels[self.next.fetch_add(1, Ordering::Relaxed) % CHANNELS].clone()
    }

    /// A client of the catalogue.
    pub fn catalog(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel())
    }

    /// A client of the inventory.
    pub fn inventory(&self) -> InventoryServiceClient<Channel> {
        InventoryServiceClient::new(self.channel())
    }

    /// A client of the orders.
    pub fn orders(&self) -> OrderServiceClient<Channel> {
        OrderServiceClient::new(self.channel()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// A client of the payments.
    pub fn payments(&self) -> PaymentServiceClient<Channel> {
        PaymentServiceClient::new(self.channel())
    }

    /// Sends `message` by `send` until it is answered: always the same message, so always the same key.
    ///
    /// # Errors
    /// [`CallError::Refused`] when the service decided against it; [`CallError::Fatal`] when patience ended.
    pub async fn call<M, T, F, Fut>(
        &self,
        name: &'static str,
        message: M,
        send: F,
    ) -> Result<Answer<T>, CallError>
    where
        M: Clone,
        F: Fn(Request<M>) -> Fut,
        Fut: Future<Output = Result<Response<T>, Status>>,
    {
        let mut backoff = BACKOFF_FIRST;
        let mut give_up_at: Option<Instant> = None;
        loop {
            let status = match send(request(message.clone())).await {
                Ok(response) => {
                    self.troubled.store(false, Ordering::Relaxed);
                    return Ok(Answer { message: response.into_inner(), in_doubt: give_up_at.is_some() });
                }
                Err(status) => status,
            };
            let after = match judge(&status) {
                Verdict::Again { after } => after,
                Verdict::Refused(refused) => return Err(CallError::Refused(refused)),
                Verdict::Foreign => return Err(self.foreign(name, &status).into()),
            };
            let until = *give_up_at.get_or_insert_with(|| Instant::now() + self.patience);
            if Instant::now() >= until {
                return Err(self.unreachable(name, &status).into());
            }
            self.say_once(&status);
            let wait = after.map_or(backoff, |after| after.min(BACKOFF_LAST));
            tokio::time::sleep_until((Instant::now() + wait).min(until)).await;
            backoff = (backoff * 2).min(BACKOFF_LAST);
        }
    }

    fn say_once(&self, status: &Status) {
        // Waiting for one's turn, or for the same call to end elsewhere, is no outage.
        let waiting = matches!(status.code(), Code::ResourceExhausted | Code::Aborted);
        if !waiting && !self.troubled.swap(true, Ordering::Relaxed) {
            let (url, patience) = (&self.url, self.patience.as_secs());
            (self.say)(&format!("{url} does not answer ({}); trying again for {patience} s", cause(status)));
        }
    }

    fn unreachable(&self, call: &'static str, status: &Status) -> ReplayError {
        ReplayError::Unreachable {
            url: self.url.clone(),
            call,
            patience_s: self.patience.as_secs(),
            cause: cause(status),
        }
    }

    fn foreign(&self, call: &'static str, status: &Status) -> ReplayError {
        ReplayError::Foreign { url: self.url.clone(), call, cause: cause(status) }
    }
}

fn request<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    request.metadata_mut().insert("purser-actor", MetadataValue::from_static("system:replay"));
    request
}

// The transport says "transport error" and hides what happened ("Connection refused") behind it: show the innermost.
fn cause(status: &Status) -> String {
    let mut innermost: Option<&dyn std::error::Error> = std::error::Error::source(status);
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    match innermost {
        Some(error) => error.to_string(),
        None if status.message().is_empty() => format!("{:?}", status.code()),
        None => format!("{:?}: {}", status.code(), status.message()),
    }
}
