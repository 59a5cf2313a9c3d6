//! Stripe's v1 API: payment intents that are confirmed as they are created and captured at once.
//!
//! One form-encoded call per capture, sent by hand: what is proved hangs on status, headers and on whether bytes were
//! written, which a client library would hide. Start with [`Stripe`]; `answer.rs` says what an answer proves.

mod answer;
mod decline;
mod units;

use std::error::Error;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url, redirect};

use self::answer::Answer;
use super::{CaptureRequest, Outcome, Provider};

/// The API version whose answers `answer.rs` reads; an account's default would change them unasked.
const VERSION: &str = "2025-03-31.basil";

/// Stripe forgets a key after 24 hours at the earliest; an hour is kept for clocks and for calls under way.
const KEY_WINDOW: Duration = Duration::from_hours(23);

/// No answer that is read is longer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where the provider is and who we are.
pub struct Config {
    /// For example `http://127.0.0.1:12111`, without a path.
    pub base_url: String,
    /// The secret API key. Never shown.
    pub secret: String,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
}

/// Why an adapter cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No URL of the kind that is needed.
    #[error("the provider's URL must look like http://HOST:PORT")]
    Url,
    /// The HTTP client is built without TLS, so the real provider is out of reach.
    #[error("the provider's URL is https, and this build has no TLS")]
    Tls,
    /// The secret cannot stand in a header.
    #[error("the provider's secret must be printable ASCII")]
    Secret,
    /// The HTTP client cannot be made.
    #[error("cannot make the provider's HTTP client")]
    Client(#[source] reqwest::Error),
}

/// The adapter. It keeps connections open; clones share them.
#[derive(Clone, Debug)]
pub struct Stripe {
    http: Client,
    payment_intents: Url,
}

impl Stripe {
    /// Makes an adapter; nothing is called yet.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let base = Url::parse(&config.base_url).map_err(|_| ConfigError::Url)?;
        match base.scheme() {
            "http" if base.has_host() => {}
            "https" => return Err(ConfigError::Tls),
            _ => return Err(ConfigError::Url),
        }
        let payment_intents = base.join("/v1/payment_intents").map_err(|_| ConfigError::Url)?;
        let bearer = format!("Bearer {}", config.secret);
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| ConfigError::Secret)?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            ("stripe-version".parse().map_err(|_| ConfigError::Secret)?, HeaderValue::from_static(VERSION)),
        ]);
        let http = Client::builder()
            .default_headers(headers)
            .connect_timeout(config.connect_timeout)
            // Each of these would send again, or elsewhere, what must be sent once and be classified once.
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A proxy answers for a provider that was never reached.
            .no_proxy()
            .build()
            .map_err(ConfigError::Client)?;
        Ok(Self { http, payment_intents })
    }

    async fn capture_once(&self, request: CaptureRequest) -> Outcome {
        let Some(amount) = units::to_wire(request.amount) else {
            let message = format!("{} cannot be charged in the provider's units", request.amount);
            return Outcome::Rejected { code: "amount_not_chargeable".to_owned(), message };
        };
        if request.deadline.is_zero() {
            return Outcome::NotSent { detail: "no time was left to call the provider".to_owned() };
        }
        let sent = self
            .http
            .post(self.payment_intents.clone())
            .header("idempotency-key", &request.provider_key)
            .timeout(request.deadline)
            .form(&form(&request, amount))
            .send()
            .await;
        match sent {
            Ok(response) => match read(response).await {
                Ok(answer) => answer.outcome(),
                Err(detail) => Outcome::Ambiguous { detail },
            },
            Err(error) => unanswered(error),
        }
    }
}

impl Provider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn key_window(&self) -> Duration {
        KEY_WINDOW
    }

    fn capture(&self, request: CaptureRequest) -> BoxFuture<'_, Outcome> {
        self.capture_once(request).boxed()
    }
}

/// Everything but the deadline: the same request gives the same parameters, or its key would be refused.
fn form(request: &CaptureRequest, amount: i64) -> [(&'static str, String); 11] {
    [
        ("amount", amount.to_string()),
        ("currency", request.amount.currency.code().to_ascii_lowercase()),
        ("payment_method", request.method_token.clone()),
        ("payment_method_types[]", "card".to_owned()),
        ("confirm", "true".to_owned()),
        ("capture_method", "automatic".to_owned()),
        // Nobody sits before this call: a card that wants its owner is a decline.
        ("error_on_requires_action", "true".to_owned()),
        ("metadata[merchant_id]", request.merchant_id.to_string()),
        ("metadata[order_id]", request.order_id.to_string()),
        ("metadata[payment_id]", request.payment_id.to_string()),
        ("metadata[operation_id]", request.operation_id.to_string()),
    ]
}

async fn read(mut response: Response) -> Result<Answer, String> {
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let retry_after = header(RETRY_AFTER.as_str()).and_then(|seconds| seconds.parse().ok());
    let mut answer = Answer {
        status: response.status().as_u16(),
        retry_after: retry_after.map(Duration::from_secs),
        replayed: header("idempotent-replayed").is_some_and(|value| value == "true"),
        request_id: header("request-id").unwrap_or_default(),
        body: Vec::new(),
    };
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(answer),
            Ok(Some(chunk)) if answer.body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                answer.body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(format!("{}: the answer does not end", answer.source())),
            Err(error) => return Err(format!("{}: {}", answer.source(), chain(error))),
        }
    }
}

/// What a call proves that got no answer: nothing was written, or nobody knows.
fn unanswered(error: reqwest::Error) -> Outcome {
    let (is_builder, is_connect) = (error.is_builder(), error.is_connect());
    let detail = chain(error);
    match (is_builder, is_connect) {
        // It could never be sent, and never was.
        (true, _) => Outcome::Rejected { code: "request_malformed".to_owned(), message: detail },
        (_, true) => Outcome::NotSent { detail },
        _ => Outcome::Ambiguous { detail },
    }
}

/// An error with its causes, without the URL.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
