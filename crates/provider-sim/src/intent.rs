//! A payment intent: what was asked, how it ended, and how it looks on the wire.

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::card::Decline;

/// A checked request for a payment intent that is confirmed and captured at once.
pub(crate) struct NewIntent {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) payment_method: String,
    pub(crate) metadata: BTreeMap<String, String>,
    /// How the card decides.
    pub(crate) verdict: Result<(), Decline>,
}

/// A payment intent that was executed: paid in full, or declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) payment_method: String,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub(crate) created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decline: Option<Decline>,
}

impl Intent {
    pub(crate) fn execute(request: NewIntent, now: Timestamp) -> Self {
        Self {
            id: format!("pi_{}", Uuid::new_v4().simple()),
            charge: format!("ch_{}", Uuid::new_v4().simple()),
            amount: request.amount,
            currency: request.currency,
            payment_method: request.payment_method,
            metadata: request.metadata,
            created: now.unix_timestamp(),
            decline: request.verdict.err(),
        }
    }

    /// The object as the API shows it. A declined one has given its payment method up and waits for another.
    pub(crate) fn wire(&self) -> Value {
        let paid = self.decline.is_none();
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": if paid { self.amount } else { 0 },
            "canceled_at": null,
            "capture_method": "automatic",
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "last_payment_error": self.decline.as_ref().map(|decline| self.card_error(decline)),
            "latest_charge": self.charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": null,
            "payment_method": paid.then_some(&self.payment_method),
            "payment_method_types": ["card"],
            "status": if paid { "succeeded" } else { "requires_payment_method" },
        })
    }

    /// The decline as an error object, without the intent around it.
    pub(crate) fn card_error(&self, decline: &Decline) -> Value {
        let mut error = json!({
            "type": "card_error",
            "charge": self.charge,
            "code": decline.code,
            "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code.replace('_', "-")),
            "message": decline.message,
        });
        if let Some(decline_code) = &decline.decline_code {
            error["decline_code"] = json!(decline_code);
        }
        error
    }
}
