//! Writes: one file per command. The catalogue is cold, so each is one ordinary transaction of its own, run by [`once`].

pub mod create_merchant;
pub mod create_product;
pub mod once;
pub mod set_price;
pub mod upsert_skus;

use kernel::{MerchantId, Reason, Refusal};
use platform::db::Tx;

use once::Stopped;

/// Stops a command whose merchant does not exist.
async fn require_merchant(tx: &Tx, merchant_id: MerchantId) -> Result<(), Stopped> {
    if crate::tx::existing_merchants(tx, &[merchant_id]).await?.is_empty() {
        let message = format!("merchant {merchant_id} does not exist");
        return Err(Refusal::new(Reason::MerchantNotFound, message).about("merchant", merchant_id).into());
    }
    Ok(())
}
