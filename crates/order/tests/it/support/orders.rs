//! Commands of the tests, and the batches they run in.

use std::sync::Arc;

use kernel::id::PaymentId;
use kernel::{Fingerprint, IdempotencyKey, MerchantId, OrderId};
use order::commands::place_order::{PlaceOrder, PlaceOrders, Placed};
use order::commands::transition::{Outcome, Transition, Transitions};
use order::domain::fulfilment::Action;
use order::domain::pricing::{Stated, Wanted};
use platform::db::{DbError, Locking};
use platform::idempotency::{Claim, Scope, Start};

use super::{ACTOR, HOLD, PRICE, Verdicts, World, gbp, key};

pub const PLACING: PlaceOrders = PlaceOrders { provider: "stripe" };

impl World {
    /// An order of SKUs by place, from the main location.
    pub fn order(&self, lines: &[(usize, i64)]) -> PlaceOrder {
        let wanted = |&(place, quantity): &(usize, i64)| Wanted {
            sku_id: self.skus[place],
            quantity,
            unit_price: None,
            location: "main".to_owned(),
        };
        self.order_of(self.merchant, key(), lines.iter().map(wanted).collect())
    }

    pub fn order_of(&self, merchant_id: MerchantId, key: IdempotencyKey, lines: Vec<Wanted>) -> PlaceOrder {
        let order_id = OrderId::mint(self.clock.wall());
        let fingerprint = Fingerprint::of("PlaceOrder").text(&format!("{lines:?}")).finish();
        PlaceOrder {
            claim: Claim {
                scope: Scope::merchant(merchant_id),
                key,
                fingerprint,
                method: "PlaceOrder",
                resource_id: order_id.uuid(),
                start: Start::Done,
            },
            order_id,
            payment_id: PaymentId::mint_beside(order_id),
            merchant_id,
            customer_id: String::new(),
            client_reference: String::new(),
            ordered_time: None,
            currency: gbp(),
            lines,
            address: None,
            stated: Stated::default(),
            hold: HOLD,
            actor: ACTOR.to_owned(),
        }
    }

    /// An order whose discount leaves nothing to pay.
    pub fn free_order(&self, lines: &[(usize, i64)]) -> PlaceOrder {
        let units: i64 = lines.iter().map(|(_, units)| units).sum();
        PlaceOrder { stated: Stated { discount: PRICE * units, ..Stated::default() }, ..self.order(lines) }
    }

    pub fn order_with_reference(&self, reference: &str, lines: &[(usize, i64)]) -> PlaceOrder {
        PlaceOrder { client_reference: reference.to_owned(), ..self.order(lines) }
    }

    /// A caller's command on an order of the merchant.
    pub fn command(&self, order: OrderId, (method, action): (&'static str, Action)) -> Transition {
        self.command_of(self.merchant, order, key(), (method, action))
    }

    pub fn command_of(
        &self,
        merchant: MerchantId,
        order: OrderId,
        key: IdempotencyKey,
        (method, action): (&'static str, Action),
    ) -> Transition {
        if action == Action::Expire {
            return Transition::expiry(merchant, order);
        }
        Transition::of_caller(&self.clock, method, (merchant, order), key, action, ACTOR.to_owned())
    }

    pub async fn place_batch(&self, batch: Vec<PlaceOrder>) -> Result<Verdicts<Placed>, DbError> {
        let batch: Vec<Arc<PlaceOrder>> = batch.into_iter().map(Arc::new).collect();
        self.run(&PLACING, &batch, Locking::Wait).await
    }

    /// Runs commands on orders of the merchant as ONE batch.
    pub async fn batch(&self, batch: Vec<(OrderId, (&'static str, Action))>) -> Verdicts<Outcome> {
        let batch = batch.into_iter().map(|(order, action)| self.command(order, action)).collect();
        self.try_batch(batch).await.unwrap()
    }

    pub async fn try_batch(&self, batch: Vec<Transition>) -> Result<Verdicts<Outcome>, DbError> {
        let batch: Vec<Arc<Transition>> = batch.into_iter().map(Arc::new).collect();
        self.run(&Transitions, &batch, Locking::Wait).await
    }
}

pub fn cancel() -> (&'static str, Action) {
    ("CancelOrder", Action::Cancel { reason: "changed my mind".to_owned() })
}

pub fn start_processing() -> (&'static str, Action) {
    ("StartProcessing", Action::StartProcessing)
}

pub fn deliver() -> (&'static str, Action) {
    ("DeliverOrder", Action::Deliver)
}

pub fn expire() -> (&'static str, Action) {
    ("", Action::Expire)
}

/// Ships units of lines by their numbers; no lines means everything that is open.
pub fn ship(lines: &[(i32, i64)], tracking_number: &str) -> (&'static str, Action) {
    let tracking_number = tracking_number.to_owned();
    ("ShipOrder", Action::Ship { lines: lines.to_vec(), tracking_number, carrier: "Post".to_owned() })
}
