//! The payment that an idempotency key or a provider's reference belongs to.

use kernel::id::OperationId;
use kernel::{IdempotencyKey, MerchantId, Reason, Refusal};
use platform::db::Reader;
use platform::idempotency::{self, Scope};

use crate::commands::capture::begin::METHOD;
use crate::domain::Payment;
use crate::store::reads;

/// What a payment is found by.
#[derive(Clone, Debug)]
pub enum By {
    /// The key of a money call.
    Key(IdempotencyKey),
    /// The provider's own id of what it did.
    ProviderReference(String),
}

/// The payment with its operations, and the operation that was found.
///
/// # Errors
/// `PAYMENT_NOT_FOUND`, also for a key of a call that began no operation; the database's trouble.
pub async fn lookup_payment(
    reader: &mut Reader,
    merchant: MerchantId,
    provider: &str,
    by: &By,
) -> Result<(Payment, OperationId), Refusal> {
    let found = match by {
        By::Key(key) => {
            let found = idempotency::find(reader, &Scope::merchant(merchant), key).await?;
            let operation =
                found.filter(|(method, _)| method == METHOD).map(|(_, earlier)| earlier.resource_id);
            match operation.map(OperationId::from_uuid) {
                Some(operation) => reads::standing(reader, merchant, operation)
                    .await?
                    .map(|standing| (operation, standing.payment_id)),
                None => None,
            }
        }
        By::ProviderReference(reference) => {
            reads::reference_owner(reader, merchant, provider, reference).await?
        }
    };
    let missing = || {
        let (kind, name) = match by {
            By::Key(key) => ("idempotency key", key.text()),
            By::ProviderReference(reference) => ("provider reference", reference.clone()),
        };
        Refusal::not_found(Reason::PaymentNotFound, kind, name)
    };
    let (operation, payment) = found.ok_or_else(missing)?;
    let payment = reads::payment(reader, merchant, payment).await?.ok_or_else(missing)?;
    Ok((payment, operation))
}
