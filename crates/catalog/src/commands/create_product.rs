//! Creates a product.

use kernel::fingerprint::Fingerprint;
use kernel::id::ProductId;
use kernel::{IdempotencyKey, MerchantId, Refusal, Timestamp};
use platform::db::Tx;
use platform::idempotency::{Claim, Scope, Start};

use super::once::{Stopped, Write, Written, once};
use super::require_merchant;
use crate::Deps;
use crate::store::products;

/// The checked request.
#[derive(Clone, Debug)]
pub struct CreateProduct {
    /// The merchant that sells it.
    pub merchant_id: MerchantId,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Name shown to people.
    pub display_name: String,
}

struct Creation {
    claim: Claim,
    id: ProductId,
    command: CreateProduct,
}

/// Runs the command; the resource is the product.
///
/// # Errors
/// [`kernel::Reason::MerchantNotFound`], [`kernel::Reason::IdempotencyKeyReused`], or the database's.
pub async fn create_product(deps: &Deps, command: CreateProduct) -> Result<Written, Refusal> {
    let id = ProductId::mint(deps.clock.wall());
    let claim = Claim {
        scope: Scope::merchant(command.merchant_id),
        key: command.key.clone(),
        fingerprint: Fingerprint::of("CreateProduct").text(&command.display_name).finish(),
        method: "CreateProduct",
        resource_id: id.uuid(),
        start: Start::Done,
    };
    once(deps, &Creation { claim, id, command }).await
}

impl Write for Creation {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), Stopped> {
        let CreateProduct { merchant_id, display_name, .. } = &self.command;
        require_merchant(tx, *merchant_id).await?;
        products::insert(tx, now, *merchant_id, self.id, display_name).await?;
        Ok(())
    }
}
