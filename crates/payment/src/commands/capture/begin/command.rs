//! A capture that is about to begin: all its ids are minted before the lane sees it.

use kernel::fingerprint::Builder;
use kernel::id::{OperationId, PaymentId};
use kernel::{Fingerprint, Id, IdempotencyKey, MerchantId};
use platform::group_commit::Command;
use platform::idempotency::{Claim, Scope, Start};
use uuid::Uuid;

use crate::commands::capture::{CaptureRequest, provider_key};
use crate::domain::operation;
use crate::store::operations::OperationKey;
use crate::store::payments::PaymentKey;

/// The method as keys know it.
pub(crate) const METHOD: &str = "CapturePayment";

/// A capture that is about to begin. Its ids are minted here, so that a second run uses the same.
#[derive(Debug)]
pub struct Begin {
    pub(super) claim: Claim,
    pub(super) merchant_id: MerchantId,
    pub(super) payment_id: PaymentId,
    pub(super) method_token: String,
    pub(super) actor: String,
    pub(super) provider_key: String,
    pub(super) lease_token: Uuid,
}

impl Begin {
    /// The command of a validated request.
    #[must_use]
    pub fn new(request: CaptureRequest) -> Self {
        let CaptureRequest { merchant_id, key, payment_id, method_token, actor } = request;
        let operation_id = OperationId::mint_beside(payment_id);
        Self {
            provider_key: provider_key::derive(merchant_id, payment_id, operation::Kind::Capture, &key),
            claim: Claim {
                scope: Scope::merchant(merchant_id),
                fingerprint: fingerprint(merchant_id, payment_id, &method_token),
                key,
                method: METHOD,
                resource_id: operation_id.uuid(),
                start: Start::Open,
            },
            merchant_id,
            payment_id,
            method_token,
            actor,
            lease_token: Uuid::new_v4(),
        }
    }

    /// The operation that this request minted.
    #[must_use]
    pub const fn operation_id(&self) -> OperationId {
        Id::from_uuid(self.claim.resource_id)
    }

    /// The scope and key of the request.
    #[must_use]
    pub const fn key(&self) -> (&Scope, &IdempotencyKey) {
        (&self.claim.scope, &self.claim.key)
    }

    pub(super) const fn payment_key(&self) -> PaymentKey {
        (self.payment_id, self.merchant_id)
    }

    pub(super) const fn operation_key(&self) -> OperationKey {
        (self.operation_id(), self.merchant_id)
    }
}

fn fingerprint(merchant: MerchantId, payment: PaymentId, method_token: &str) -> Fingerprint {
    let id = |builder: Builder, id: Uuid| builder.bytes(id.as_bytes());
    id(id(Fingerprint::of(METHOD), merchant.uuid()), payment.uuid()).text(method_token).finish()
}

impl Command for Begin {
    fn merchant(&self) -> MerchantId {
        self.merchant_id
    }

    fn claim(&self) -> Option<&Claim> {
        Some(&self.claim)
    }

    fn lines(&self) -> usize {
        1
    }
}
