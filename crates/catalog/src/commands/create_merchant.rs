//! Creates a merchant.

use kernel::fingerprint::Fingerprint;
use kernel::{IdempotencyKey, MerchantId, Reason, Refusal, Timestamp};
use platform::db::Tx;
use platform::idempotency::{Claim, Scope, Start};

use super::once::{Stopped, Write, Written, once};
use crate::Deps;
use crate::domain::code;
use crate::store::merchants::{self, NewMerchant};

/// The checked request.
#[derive(Clone, Debug)]
pub struct CreateMerchant {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Unique over all merchants.
    pub code: String,
    /// Name shown to people.
    pub display_name: String,
}

struct Creation {
    claim: Claim,
    id: MerchantId,
    code_key: String,
    command: CreateMerchant,
}

/// Runs the command; the resource is the merchant.
///
/// # Errors
/// [`Reason::MerchantCodeTaken`], [`Reason::IdempotencyKeyReused`], or the database's.
pub async fn create_merchant(deps: &Deps, command: CreateMerchant) -> Result<Written, Refusal> {
    let id = MerchantId::mint(deps.clock.wall());
    let claim = Claim {
        scope: Scope::global(),
        key: command.key.clone(),
        fingerprint: Fingerprint::of("CreateMerchant")
            .text(&command.code)
            .text(&command.display_name)
            .finish(),
        method: "CreateMerchant",
        resource_id: id.uuid(),
        start: Start::Done,
    };
    let code_key = code::fold(&command.code);
    once(deps, &Creation { claim, id, code_key, command }).await
}

impl Write for Creation {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), Stopped> {
        let new = NewMerchant {
            id: self.id,
            code: &self.command.code,
            code_key: &self.code_key,
            display_name: &self.command.display_name,
        };
        match merchants::insert(tx, now, &new).await? {
            Ok(()) => Ok(()),
            Err(owner) => Err(taken(&self.command.code, owner).into()),
        }
    }
}

fn taken(code: &str, owner: MerchantId) -> Refusal {
    Refusal::new(Reason::MerchantCodeTaken, format!("merchant {owner} has the code \"{code}\" already"))
        .about("merchant", owner)
        .with("code", code)
        .with("merchant_id", owner)
}
