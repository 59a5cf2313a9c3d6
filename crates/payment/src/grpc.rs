//! The service: each method in a file of its own, which parses, calls the command or query, and replies.

use contract::purser::payment::v1 as proto;
use kernel::{PageTokens, Refusal};
use platform::grpc::{Deadline, actor, replay_header, status};
use proto::payment_service_server::PaymentService;
use tonic::{Request, Response, Status};

use crate::payments::Payments;

mod capture_payment;
mod get_payment;
mod list_payments;
mod lookup_payment;
mod show;

/// `purser.payment.v1.PaymentService`.
#[derive(Clone)]
pub struct PaymentServer {
    payments: Payments,
    page_tokens: PageTokens,
}

impl PaymentServer {
    /// The service over the payments of this process.
    #[must_use]
    pub const fn new(payments: Payments, page_tokens: PageTokens) -> Self {
        Self { payments, page_tokens }
    }
}

fn reply<T>(answer: Result<T, Refusal>) -> Result<Response<T>, Status> {
    answer.map(Response::new).map_err(status)
}

#[tonic::async_trait]
impl PaymentService for PaymentServer {
    async fn capture_payment(
        &self,
        request: Request<proto::CapturePaymentRequest>,
    ) -> Result<Response<proto::CapturePaymentResponse>, Status> {
        let actor = actor(request.metadata()).map_err(status)?;
        let deadline = request.extensions().get::<Deadline>().map(|deadline| deadline.0);
        let request = request.into_inner();
        let answer =
            capture_payment::call(&self.payments, &request, actor, deadline).await.map_err(status)?;
        let replayed = answer.replayed;
        let mut response = Response::new(answer);
        if replayed {
            replay_header(&mut response);
        }
        Ok(response)
    }

    async fn get_payment(
        &self,
        request: Request<proto::GetPaymentRequest>,
    ) -> Result<Response<proto::GetPaymentResponse>, Status> {
        reply(get_payment::call(&self.payments, &request.into_inner()).await)
    }

    async fn lookup_payment(
        &self,
        request: Request<proto::LookupPaymentRequest>,
    ) -> Result<Response<proto::LookupPaymentResponse>, Status> {
        reply(lookup_payment::call(&self.payments, &request.into_inner()).await)
    }

    async fn list_payments(
        &self,
        request: Request<proto::ListPaymentsRequest>,
    ) -> Result<Response<proto::ListPaymentsResponse>, Status> {
        reply(list_payments::call(&self.payments, &self.page_tokens, &request.into_inner()).await)
    }
}
