//! Deadlines: DEADLINE_EXCEEDED where tonic by itself says CANCELLED, and the time that is left for whoever asks.

use std::time::Duration;

use http::HeaderMap;
use kernel::{Reason, Refusal};
use tokio::time::Instant;

use super::{Around, Calls, Next, Request, Response};
use crate::grpc::server::Methods;
use crate::grpc::status;

/// The header in which a caller states its patience.
pub const TIMEOUT_HEADER: &str = "grpc-timeout";

tokio::task_local! {
    static CURRENT: Deadline;
}

/// When the caller of a call stops waiting. In the request's extensions, and by [`current`] for the calls that the
/// handler itself makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// What is left of it; zero when it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// The deadline of the call that this task works on, if it works on one that has a deadline.
#[must_use]
pub fn current() -> Option<Deadline> {
    CURRENT.try_with(|deadline| *deadline).ok()
}

/// Ends unary calls at their deadline.
#[derive(Clone)]
pub struct EndAtDeadline {
    /// Which methods stream: those have only the deadline that they state.
    pub methods: Methods,
    /// Deadline of a unary call that states none, and the longest that one may state.
    pub unary_max: Duration,
}

impl Around for EndAtDeadline {
    async fn around<S: Calls>(self, mut request: Request, next: Next<S>) -> Response {
        let unary = !self.methods.streams(request.uri().path());
        let stated = stated(request.headers());
        let patience =
            if unary { Some(stated.map_or(self.unary_max, |s| s.min(self.unary_max))) } else { stated };
        let Some(patience) = patience else { return next.run(request).await };

        // tonic reads the same header and would answer CANCELLED at the same moment: be a little earlier.
        let margin = Duration::from_millis(2).min(patience / 4);
        let deadline = Deadline(Instant::now() + (patience - margin));
        request.extensions_mut().insert(deadline);
        let call = CURRENT.scope(deadline, next.run(request));
        match tokio::time::timeout_at(deadline.0, call).await {
            Ok(response) => response,
            Err(_) => status(exceeded()).into_http(),
        }
    }
}

/// The refusal of a call whose deadline has passed.
#[must_use]
pub fn exceeded() -> Refusal {
    Refusal::new(
        Reason::DeadlineExceeded,
        "the deadline passed; whether anything was done is unknown: repeat with the same idempotency key",
    )
}

/// The patience stated by `grpc-timeout`: at most eight digits and a unit. A malformed one counts as absent.
#[must_use]
pub fn stated(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT_HEADER)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit_and_takes_a_malformed_timeout_as_absent() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT_HEADER, text.parse().expect("ASCII"));
            stated(&headers)
        };
        assert_eq!(read("2H"), Some(Duration::from_secs(7_200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("99999999S"), Some(Duration::from_secs(99_999_999)));
        assert_eq!(read("1500m"), Some(Duration::from_millis(1_500)));
        assert_eq!(read("7u"), Some(Duration::from_micros(7)));
        assert_eq!(read("7n"), Some(Duration::from_nanos(7)));
        for text in ["", "S", "1", "123456789S", "-1S", "1 S", "1x"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
