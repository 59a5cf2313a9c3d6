//! The payment service in another process, through the generated client.

use std::time::Duration;

use contract::purser::payment::v1::CapturePaymentRequest;
use contract::purser::payment::v1::payment_service_client::PaymentServiceClient;
use futures::future::BoxFuture;
use kernel::{Reason, Refusal};
use platform::grpc::client::Outgoing;
use platform::grpc::{actor, status};
use tokio::time::Instant;
use tonic::{Code, Request, Status};

use super::{Capture, Captured, Payments};

/// Calls the payment service over gRPC; trace and deadline go along.
#[derive(Clone, Debug)]
pub struct Remote(PaymentServiceClient<Outgoing>);

impl Remote {
    /// A client of the service behind `channel`.
    #[must_use]
    pub fn new(channel: Outgoing) -> Self {
        Self(PaymentServiceClient::new(channel))
    }
}

impl Payments for Remote {
    fn capture(
        &self,
        capture: Capture,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Captured, Refusal>> {
        let mut client = self.0.clone();
        Box::pin(async move {
            let mut request = Request::new(CapturePaymentRequest {
                merchant_id: capture.merchant_id.to_string(),
                idempotency_key: capture.key.text(),
                payment_id: capture.payment_id.to_string(),
                method_token: capture.method_token,
            });
            if let Ok(actor) = capture.actor.parse() {
                request.metadata_mut().insert(actor::METADATA, actor);
            }
            if let Some(deadline) = deadline {
                request.set_timeout(deadline.saturating_duration_since(Instant::now()));
            }
            let response =
                client.capture_payment(request).await.map_err(|status| refusal(&status))?.into_inner();
            let operation_id = response.operation_id.parse().map_err(|_| Refusal::internal())?;
            Ok(Captured { operation_id, replayed: response.replayed })
        })
    }
}

/// The payment service's refusal as it was; without one, the transport failed and nothing is known.
fn refusal(status: &Status) -> Refusal {
    if let Some(refusal) = status::refusal(status) {
        return refusal;
    }
    match status.code() {
        Code::DeadlineExceeded => Refusal::new(
            Reason::DeadlineExceeded,
            "the payment service did not answer in time; repeat with the same key",
        ),
        _ => Refusal::new(
            Reason::PaymentOutcomeUnknown,
            "the payment service could not be reached; repeat the call with the same key",
        )
        .retry_after(Duration::from_secs(1)),
    }
}
