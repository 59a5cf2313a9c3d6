//! An order as it is read and shown.

use kernel::{Currency, MerchantId, OrderId, SkuId, Timestamp};

use super::state::State;

/// An order with everything that belongs to it. All amounts are minor units of [`Order::currency`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// The id.
    pub order_id: OrderId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The caller's reference of the customer; empty for a guest.
    pub customer_id: String,
    /// The caller's own number; empty when none.
    pub client_reference: String,
    /// Where it stands.
    pub state: State,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Sums.
    pub totals: Totals,
    /// Money captured.
    pub captured: i64,
    /// Money given back.
    pub refunded: i64,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// Where it goes.
    pub address: Option<Address>,
    /// What left so far.
    pub shipments: Vec<Shipment>,
    /// The caller's own time of it.
    pub ordered_time: Timestamp,
    /// When it was placed.
    pub created_time: Timestamp,
    /// When it last changed.
    pub updated_time: Timestamp,
    /// When its hold ends, while it is PENDING.
    pub expires_at: Option<Timestamp>,
}

/// The sums of an order: `total = subtotal - discount + tax + shipping`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Sum of the line totals.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Tax.
    pub tax: i64,
    /// Shipping charge.
    pub shipping: i64,
    /// What it costs.
    pub total: i64,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Number within the order, from 1.
    pub line_no: i32,
    /// The SKU.
    pub sku_id: SkuId,
    /// Its code when it was ordered.
    pub sku_code: String,
    /// Its name when it was ordered.
    pub display_name: String,
    /// Units.
    pub quantity: i64,
    /// Minor units.
    pub unit_price: i64,
    /// Minor units.
    pub line_total: i64,
    /// Where the stock comes from; empty when none is tracked.
    pub location: String,
    /// Units shipped so far.
    pub shipped: i64,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Who receives it.
    pub recipient: String,
    /// Street and what else is needed, 1 to 4 lines.
    pub lines: Vec<String>,
    /// Town.
    pub locality: String,
    /// State, county or province.
    pub administrative_area: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Telephone number.
    pub phone: String,
}

/// Goods that left together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shipment {
    /// Number within the order, from 1.
    pub shipment_no: i32,
    /// Tracking number, or empty.
    pub tracking_number: String,
    /// Carrier, or empty.
    pub carrier: String,
    /// `(line_no, units)`.
    pub lines: Vec<(i32, i64)>,
    /// When it left.
    pub created_time: Timestamp,
}

/// An order as lists show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// The id.
    pub order_id: OrderId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The caller's reference of the customer.
    pub customer_id: String,
    /// The caller's own number.
    pub client_reference: String,
    /// Where it stands.
    pub state: State,
    /// The currency of all amounts.
    pub currency: Currency,
    /// How many lines.
    pub line_count: i32,
    /// How many units.
    pub unit_count: i64,
    /// Names of the first three lines.
    pub first_names: Vec<String>,
    /// What it costs.
    pub total: i64,
    /// Money captured.
    pub captured: i64,
    /// Money given back.
    pub refunded: i64,
    /// The caller's own time of it.
    pub ordered_time: Timestamp,
    /// When it was placed.
    pub created_time: Timestamp,
    /// When its hold ends, while it is PENDING.
    pub expires_at: Option<Timestamp>,
}

/// One transition of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimelineEntry {
    /// Number, from 1, gapless.
    pub seq: i32,
    /// State before; none for the first.
    pub from: Option<State>,
    /// State after.
    pub to: State,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The payment operation that caused it.
    pub cause: Option<kernel::id::OperationId>,
    /// When.
    pub created_time: Timestamp,
    /// Time spent in `to`, up to now for the last one.
    pub duration: time::Duration,
}
