//! The parameters of `POST /v1/payment_intents`: their fingerprint, and the checks before anything is executed.

use std::collections::BTreeMap;

use kernel::{Currency, Fingerprint, fingerprint};

use crate::card;
use crate::intent::NewIntent;
use crate::reply::Reply;

/// The largest amount: eight digits, as with the original.
const AMOUNT_MAX: i64 = 99_999_999;
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_MAX: usize = 40;
const METADATA_VALUE_MAX: usize = 500;

/// Form parameters as they came.
pub(super) type Params = Vec<(String, String)>;

/// The same parameters in another order are the same request.
pub(super) fn fingerprint(params: &Params) -> Fingerprint {
    let mut sorted: Vec<_> = params.iter().collect();
    sorted.sort();
    Fingerprint::of("POST /v1/payment_intents")
        .list(sorted.into_iter(), |builder: fingerprint::Builder, (name, value)| {
            builder.text(name).text(value)
        })
        .finish()
}

#[derive(Default)]
struct Fields<'a> {
    amount: Option<&'a str>,
    currency: Option<&'a str>,
    payment_method: Option<&'a str>,
    confirm: Option<&'a str>,
    metadata: BTreeMap<String, String>,
}

/// Checks a request.
///
/// # Errors
/// The 400 that names the first wrong parameter.
pub(super) fn parse(params: &Params) -> Result<NewIntent, Reply> {
    let mut fields = Fields::default();
    for (name, value) in params {
        fields.read(name, value)?;
    }
    if fields.confirm != Some("true") {
        let message = "This simulator executes payment intents as they are created: confirm must be true.";
        return Err(Reply::invalid(None, Some("confirm"), message));
    }
    let payment_method = required("payment_method", fields.payment_method)?;
    Ok(NewIntent {
        amount: amount(required("amount", fields.amount)?)?,
        currency: currency(required("currency", fields.currency)?)?,
        verdict: card::verdict(payment_method).ok_or_else(|| no_such_method(payment_method))?,
        payment_method: payment_method.to_owned(),
        metadata: fields.metadata,
    })
}

impl<'a> Fields<'a> {
    fn read(&mut self, name: &str, value: &'a str) -> Result<(), Reply> {
        match (name, value) {
            ("amount", _) => self.amount = Some(value),
            ("currency", _) => self.currency = Some(value),
            ("payment_method", _) => self.payment_method = Some(value),
            ("confirm", _) => self.confirm = Some(value),
            ("capture_method", "automatic") => {}
            ("capture_method", _) => {
                let message = "This simulator captures at once: capture_method must be automatic.";
                return Err(Reply::invalid(None, Some(name), message));
            }
            ("payment_method_types[]" | "payment_method_types[0]", "card") | ("description", _) => {}
            // Nothing here ever requires an action.
            ("error_on_requires_action", "true" | "false") => {}
            _ => match name.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')) {
                Some(key) => self.attach(key, value)?,
                None => return Err(unknown(name)),
            },
        }
        Ok(())
    }

    fn attach(&mut self, key: &str, value: &str) -> Result<(), Reply> {
        let too_long = key.chars().count() > METADATA_KEY_MAX || value.chars().count() > METADATA_VALUE_MAX;
        // An empty value removes a key, so at creation it adds none.
        if !value.is_empty() {
            self.metadata.insert(key.to_owned(), value.to_owned());
        }
        if too_long || key.is_empty() || self.metadata.len() > METADATA_KEYS_MAX {
            let message = "Metadata has at most 50 keys of 40 characters with values of 500 characters.";
            return Err(Reply::invalid(None, Some("metadata"), message));
        }
        Ok(())
    }
}

fn required<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, Reply> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        Reply::invalid(Some("parameter_missing"), Some(name), &format!("Missing required param: {name}."))
    })
}

fn amount(text: &str) -> Result<i64, Reply> {
    let refused = |code, message| Err(Reply::invalid(Some(code), Some("amount"), message));
    match text.parse::<i64>() {
        Ok(1..=AMOUNT_MAX) => Ok(text.parse().unwrap_or_default()),
        Ok(over) if over > AMOUNT_MAX => {
            refused("amount_too_large", "Amount must be no more than 99999999 in the smallest currency unit.")
        }
        _ => refused("parameter_invalid_integer", "Invalid positive integer"),
    }
}

fn currency(text: &str) -> Result<String, Reply> {
    let lower = text.bytes().all(|byte| byte.is_ascii_lowercase());
    match Currency::parse(&text.to_ascii_uppercase()) {
        Some(_) if lower => Ok(text.to_owned()),
        _ => {
            let message =
                format!("Invalid currency: {text}. Use a three-letter ISO 4217 code in lower case.");
            Err(Reply::invalid(None, Some("currency"), &message))
        }
    }
}

fn no_such_method(method: &str) -> Reply {
    Reply::missing_resource(400, "payment_method", &format!("No such PaymentMethod: '{method}'"))
}

fn unknown(name: &str) -> Reply {
    Reply::invalid(Some("parameter_unknown"), Some(name), &format!("Received unknown parameter: {name}"))
}
