//! What every way to reach captures owes its callers: in process, or through the generated client. Behind the feature
//! `conformance`, for tests.
//!
//! Implement [`CapturePort`] over the way and [`Bench`] over the system behind it, and run [`all`].

use futures::future::{BoxFuture, join_all};
use kernel::id::{OperationId, PaymentId};
use kernel::{IdempotencyKey, MerchantId, Reason};
use uuid::Uuid;

/// A way to reach captures.
pub trait CapturePort: Send + Sync {
    /// Captures what is open of a payment.
    fn capture(&self, call: Call) -> BoxFuture<'_, Result<Seen, Refused>>;
}

/// The system behind the port.
pub trait Bench: Send + Sync {
    /// A fresh payment of an order that waits for its money.
    fn open_payment(&self) -> BoxFuture<'_, OpenPayment>;
    /// Another merchant, which exists.
    fn other_merchant(&self) -> BoxFuture<'_, MerchantId>;
    /// A token that the provider accepts.
    fn good_token(&self) -> String;
    /// A token that the issuer declines.
    fn declined_token(&self) -> String;
    /// The provider's next call moves the money, and its answer is lost.
    fn lose_next_answer(&self) -> BoxFuture<'_, ()>;
    /// What the provider has really moved for a payment, in minor units.
    fn moved(&self, payment: PaymentId) -> BoxFuture<'_, i64>;
}

/// A payment to be captured.
#[derive(Clone, Copy, Debug)]
pub struct OpenPayment {
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The payment.
    pub payment_id: PaymentId,
    /// What is open of it, in minor units.
    pub open: i64,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The merchant that the caller names.
    pub merchant_id: MerchantId,
    /// The key.
    pub key: IdempotencyKey,
    /// The payment.
    pub payment_id: PaymentId,
    /// The token.
    pub method_token: String,
}

/// What a successful caller sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The payment.
    pub payment_id: PaymentId,
    /// What is captured of it, in minor units.
    pub captured: i64,
    /// The operation that the key names.
    pub operation_id: OperationId,
    /// True when no money was moved by this call.
    pub replayed: bool,
}

/// What a refused caller sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The reason.
    pub reason: Reason,
    /// True when the same answer was given to the key before.
    pub replayed: bool,
}

/// Runs every case, one after the other.
///
/// # Panics
/// When one fails.
pub async fn all(port: &dyn CapturePort, bench: &dyn Bench) {
    captures_once_and_replays(port, bench).await;
    same_key_at_once_moves_the_money_once(port, bench).await;
    a_decline_sticks_to_its_key_and_a_new_key_may_succeed(port, bench).await;
    a_key_names_one_request(port, bench).await;
    an_unknown_payment_and_anothers_payment_are_not_found(port, bench).await;
    an_unknown_outcome_is_found_out_under_the_same_key(port, bench).await;
    a_card_number_is_refused(port, bench).await;
}

fn fresh_key() -> IdempotencyKey {
    IdempotencyKey::parse(&Uuid::now_v7().to_string()).expect("a UUID is a key")
}

fn call(payment: OpenPayment, token: String) -> Call {
    let OpenPayment { merchant_id, payment_id, .. } = payment;
    Call { merchant_id, key: fresh_key(), payment_id, method_token: token }
}

/// The first call captures, the second with its key tells the same and moves nothing.
///
/// # Panics
/// When it does not hold.
pub async fn captures_once_and_replays(port: &dyn CapturePort, bench: &dyn Bench) {
    let payment = bench.open_payment().await;
    let call = call(payment, bench.good_token());
    let first = port.capture(call.clone()).await.expect("captured");
    assert_eq!((first.payment_id, first.captured, first.replayed), (payment.payment_id, payment.open, false));
    let again = port.capture(call).await.expect("captured before");
    assert_eq!(again, Seen { replayed: true, ..first });
    assert_eq!(bench.moved(payment.payment_id).await, payment.open);
}

/// Eight calls at once with one key: one operation, one movement, one answer that is not a replay.
///
/// # Panics
/// When it does not hold.
pub async fn same_key_at_once_moves_the_money_once(port: &dyn CapturePort, bench: &dyn Bench) {
    let payment = bench.open_payment().await;
    let call = call(payment, bench.good_token());
    let answers = join_all((0..8).map(|_| port.capture(call.clone()))).await;
    let seen: Vec<Seen> = answers.into_iter().map(|answer| answer.expect("captured")).collect();
    assert_eq!(seen.iter().filter(|seen| !seen.replayed).count(), 1, "{seen:?}");
    assert!(seen.iter().all(|one| one.operation_id == seen[0].operation_id && one.captured == payment.open));
    assert_eq!(bench.moved(payment.payment_id).await, payment.open);
}

/// A decline is the key's answer for ever; a new attempt takes a new key.
///
/// # Panics
/// When it does not hold.
pub async fn a_decline_sticks_to_its_key_and_a_new_key_may_succeed(
    port: &dyn CapturePort,
    bench: &dyn Bench,
) {
    let payment = bench.open_payment().await;
    let declined = call(payment, bench.declined_token());
    let reason = Reason::PaymentDeclined;
    assert_eq!(port.capture(declined.clone()).await, Err(Refused { reason, replayed: false }));
    assert_eq!(port.capture(declined).await, Err(Refused { reason, replayed: true }));
    assert_eq!(bench.moved(payment.payment_id).await, 0);
    let seen = port.capture(call(payment, bench.good_token())).await.expect("captured");
    assert_eq!((seen.captured, seen.replayed), (payment.open, false));
}

/// A key that named one request is refused for another.
///
/// # Panics
/// When it does not hold.
pub async fn a_key_names_one_request(port: &dyn CapturePort, bench: &dyn Bench) {
    let payment = bench.open_payment().await;
    let first = call(payment, bench.declined_token());
    let _ = port.capture(first.clone()).await;
    let other = Call { method_token: bench.good_token(), ..first };
    let refused = port.capture(other).await.expect_err("another request");
    assert_eq!(refused.reason, Reason::IdempotencyKeyReused);
    assert_eq!(bench.moved(payment.payment_id).await, 0);
}

/// Missing and foreign payments look the same, and leave the key free.
///
/// # Panics
/// When it does not hold.
pub async fn an_unknown_payment_and_anothers_payment_are_not_found(
    port: &dyn CapturePort,
    bench: &dyn Bench,
) {
    let payment = bench.open_payment().await;
    let foreign = Call { merchant_id: bench.other_merchant().await, ..call(payment, bench.good_token()) };
    let unknown =
        Call { payment_id: PaymentId::mint_beside(payment.payment_id), ..call(payment, bench.good_token()) };
    let key = unknown.key.clone();
    for missing in [foreign, unknown] {
        let refused = port.capture(missing).await.expect_err("no payment of that merchant");
        assert_eq!(refused, Refused { reason: Reason::PaymentNotFound, replayed: false });
    }
    assert_eq!(bench.moved(payment.payment_id).await, 0);
    let freed = Call { key, ..call(payment, bench.good_token()) };
    assert_eq!(port.capture(freed).await.map(|seen| seen.replayed), Ok(false));
}

/// An answer that is lost is told as unknown, and the same key finds out what happened.
///
/// # Panics
/// When it does not hold.
pub async fn an_unknown_outcome_is_found_out_under_the_same_key(port: &dyn CapturePort, bench: &dyn Bench) {
    let payment = bench.open_payment().await;
    let call = call(payment, bench.good_token());
    bench.lose_next_answer().await;
    let refused = port.capture(call.clone()).await.expect_err("nobody knows");
    assert_eq!(refused, Refused { reason: Reason::PaymentOutcomeUnknown, replayed: false });
    let seen = port.capture(call).await.expect("captured");
    assert_eq!((seen.captured, seen.replayed), (payment.open, true));
    assert_eq!(bench.moved(payment.payment_id).await, payment.open);
}

/// A card number never gets anywhere.
///
/// # Panics
/// When it does not hold.
pub async fn a_card_number_is_refused(port: &dyn CapturePort, bench: &dyn Bench) {
    let payment = bench.open_payment().await;
    let refused = port.capture(call(payment, "4242 4242 4242 4242".to_owned())).await.expect_err("refused");
    assert_eq!(refused.reason, Reason::ValidationFailed);
}
