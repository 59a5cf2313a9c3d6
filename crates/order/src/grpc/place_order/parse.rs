//! The request of `PlaceOrder`: every bad field is named in one answer, before any work.

use std::time::Duration;

use contract::purser::common::v1::Money as MoneyField;
use contract::purser::order::v1 as proto;
use kernel::fingerprint::Builder;
use kernel::id::PaymentId;
use kernel::{Currency, Fingerprint, OrderId, Reason, Refusal};
use platform::grpc::fields::Fields;
use platform::idempotency::{Claim, Scope, Start};

use crate::commands::place_order::{HOLD_DEFAULT, HOLD_MAX, PlaceOrder};
use crate::domain::model::Address;
use crate::domain::pricing::{QUANTITY_MAX, Stated, Wanted};
use crate::orders::Deps;

const METHOD: &str = "PlaceOrder";

/// A caller's clock may be a little ahead of ours.
const AHEAD_MAX: time::Duration = time::Duration::minutes(5);

pub(super) struct Parsed {
    pub command: PlaceOrder,
    pub method_token: Option<String>,
}

pub(super) fn place_order(
    request: proto::PlaceOrderRequest,
    deps: &Deps,
    actor: String,
) -> Result<Parsed, Refusal> {
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let key = fields.key(&request.idempotency_key);
    let currency = fields.currency("currency_code", &request.currency_code);
    let lines =
        fields.each("lines", &request.lines, 1..=2_000, |fields, line| wanted(fields, currency, line));
    let hold = match &request.hold_duration {
        Some(hold) => fields.duration("hold_duration", hold, Duration::from_secs(1)..=HOLD_MAX),
        None => HOLD_DEFAULT,
    };
    let mut amount = |field, money: &Option<MoneyField>| amount(&mut fields, currency, field, money.as_ref());
    let stated = Stated {
        discount: amount("discount", &request.discount).unwrap_or_default(),
        tax: amount("tax", &request.tax).unwrap_or_default(),
        shipping: amount("shipping", &request.shipping).unwrap_or_default(),
        expected_total: amount("expected_total", &request.expected_total),
    };
    let ordered_time = fields.optional_timestamp("ordered_time", request.ordered_time.as_ref());
    if ordered_time.is_some_and(|ordered| ordered > deps.clock.now() + AHEAD_MAX) {
        fields.violation("ordered_time", "must not be in the future");
    }
    let address = request
        .shipping_address
        .as_ref()
        .map(|address| fields.message("shipping_address", |fields| shipping_address(fields, address)));
    let method_token = request.payment.as_ref().map(|payment| {
        fields.message("payment", |fields| {
            if let Some(wrong) = payment::domain::method_token::violation(&payment.method_token) {
                fields.violation("method_token", wrong);
            }
            payment.method_token.clone()
        })
    });
    let order_id = OrderId::mint(deps.clock.wall());
    let command = PlaceOrder {
        claim: Claim {
            scope: Scope::merchant(merchant_id),
            key,
            fingerprint: Fingerprint::of(METHOD).finish(),
            method: METHOD,
            resource_id: order_id.uuid(),
            start: Start::Done,
        },
        order_id,
        payment_id: PaymentId::mint_beside(order_id),
        merchant_id,
        customer_id: fields.reference("customer_id", &request.customer_id, 0..=64),
        client_reference: fields.reference("client_reference", &request.client_reference, 0..=64),
        ordered_time,
        currency,
        lines,
        address,
        stated,
        hold,
        actor,
    };
    let (mut command, method_token) = fields.finish((command, method_token))?;
    permitted(&command, deps)?;
    command.claim.fingerprint = fingerprint(&command, method_token.as_deref());
    Ok(Parsed { command, method_token })
}

fn wanted(fields: &mut Fields, currency: Currency, line: &proto::PlaceOrderLine) -> Wanted {
    Wanted {
        sku_id: fields.id("sku_id", &line.sku_id),
        quantity: fields.quantity("quantity", line.quantity, 1..=QUANTITY_MAX),
        unit_price: amount(fields, currency, "unit_price", line.unit_price.as_ref()),
        location: fields.location("location", &line.location),
    }
}

fn amount(
    fields: &mut Fields,
    currency: Currency,
    field: &'static str,
    money: Option<&MoneyField>,
) -> Option<i64> {
    let money = money?;
    let read = fields.amount(field, &money.currency_code, money.minor_units);
    if read.currency != currency {
        fields.message(field, |fields| fields.violation("currency_code", "must be the order's currency"));
    }
    Some(read.minor)
}

fn shipping_address(fields: &mut Fields, address: &proto::Address) -> Address {
    let country = &address.country_code;
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        fields
            .violation("country_code", "must be an ISO 3166-1 alpha-2 code in capitals, for example \"GB\"");
    }
    Address {
        recipient: fields.text("recipient", &address.recipient, 1..=200),
        lines: fields.each("address_lines", &address.address_lines, 1..=4, |fields, line| {
            fields.text("", line, 1..=200)
        }),
        locality: fields.text("locality", &address.locality, 1..=100),
        administrative_area: fields.text("administrative_area", &address.administrative_area, 0..=100),
        postal_code: fields.text("postal_code", &address.postal_code, 0..=20),
        country_code: country.clone(),
        phone: fields.text("phone", &address.phone, 0..=40),
    }
}

/// Prices and amounts are stated by trusted callers only.
fn permitted(command: &PlaceOrder, deps: &Deps) -> Result<(), Refusal> {
    let Stated { discount, tax, shipping, .. } = command.stated;
    let states =
        command.lines.iter().any(|line| line.unit_price.is_some()) || [discount, tax, shipping] != [0; 3];
    if deps.trust_callers || !states {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::PriceOverrideDenied,
        "this server takes no unit_price, discount, tax or shipping from its callers; leave them out, or run it with \
         --trust-callers",
    ))
}

/// Everything that makes the request what it is.
fn fingerprint(command: &PlaceOrder, method_token: Option<&str>) -> Fingerprint {
    let hold = i64::try_from(command.hold.as_micros()).unwrap_or(i64::MAX);
    let Stated { discount, tax, shipping, expected_total } = command.stated;
    Fingerprint::of(METHOD)
        .text(&command.customer_id)
        .text(&command.client_reference)
        .optional(command.ordered_time, |builder, time| {
            builder.bytes(&time.unix_timestamp_nanos().to_be_bytes())
        })
        .text(command.currency.code())
        .list(command.lines.iter(), |builder, line| {
            builder
                .bytes(line.sku_id.uuid().as_bytes())
                .number(line.quantity)
                .optional(line.unit_price, Builder::number)
                .text(&line.location)
        })
        .number(discount)
        .number(tax)
        .number(shipping)
        .optional(expected_total, Builder::number)
        .number(hold)
        .optional(command.address.as_ref(), address_fingerprint)
        .optional(method_token, Builder::text)
        .finish()
}

fn address_fingerprint(builder: Builder, address: &Address) -> Builder {
    builder
        .text(&address.recipient)
        .list(address.lines.iter(), |builder, line| builder.text(line))
        .text(&address.locality)
        .text(&address.administrative_area)
        .text(&address.postal_code)
        .text(&address.country_code)
        .text(&address.phone)
}
