//! The payment service in this very process.

use futures::future::BoxFuture;
use kernel::Refusal;
use payment::commands::capture::CaptureRequest;
use tokio::time::Instant;

use super::{Capture, Captured, Payments};

/// Calls the payment context directly.
#[derive(Clone)]
pub struct InProcess(pub payment::Payments);

impl Payments for InProcess {
    fn capture(
        &self,
        capture: Capture,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Captured, Refusal>> {
        Box::pin(async move {
            let request = CaptureRequest {
                merchant_id: capture.merchant_id,
                key: capture.key,
                payment_id: capture.payment_id,
                method_token: capture.method_token,
                actor: capture.actor,
            };
            let captured = self.0.capture(request, deadline).await?;
            Ok(Captured { operation_id: captured.operation_id, replayed: captured.replayed })
        })
    }
}
