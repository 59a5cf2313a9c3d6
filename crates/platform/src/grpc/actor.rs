//! Who caused a change, as the caller states it: the metadata `purser-actor`. It is written into history, never trusted.

use kernel::refusal::Violation;
use kernel::{Reason, Refusal};
use tonic::metadata::MetadataMap;

/// The metadata that names the actor.
pub const METADATA: &str = "purser-actor";

/// The actor of a call that names none.
pub const ANONYMOUS: &str = "system:anonymous";

const KINDS: [&str; 4] = ["customer", "merchant", "system", "operator"];
const CHARS_MAX: usize = 100;

/// The actor of a call: `customer:..`, `merchant:..`, `system:..` or `operator:..`, printable ASCII, at most 100
/// characters; [`ANONYMOUS`] when none is named.
///
/// # Errors
/// [`Reason::ValidationFailed`] naming the metadata when it is malformed or given twice.
pub fn actor(metadata: &MetadataMap) -> Result<String, Refusal> {
    let mut values = metadata.get_all(METADATA).iter();
    let Some(value) = values.next() else { return Ok(ANONYMOUS.to_owned()) };
    let text = value.to_str().unwrap_or_default();
    let kind_and_name = text.split_once(':');
    let known = kind_and_name.is_some_and(|(kind, name)| KINDS.contains(&kind) && !name.trim().is_empty());
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if known && printable && text.len() <= CHARS_MAX && values.next().is_none() {
        return Ok(text.to_owned());
    }
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("the metadata {METADATA} is malformed"));
    refusal.violations.push(Violation {
        field: METADATA.to_owned(),
        description: format!(
            "must be one of {} followed by ':' and a name, once, at most {CHARS_MAX} printable ASCII characters",
            KINDS.join(", ")
        ),
    });
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(value: &str) -> MetadataMap {
        let mut map = MetadataMap::new();
        map.insert(METADATA, value.parse().expect("ASCII"));
        map
    }

    #[test]
    fn reads_the_actor_and_falls_back_to_anonymous() {
        assert_eq!(actor(&MetadataMap::new()), Ok("system:anonymous".to_owned()));
        assert_eq!(actor(&metadata("customer:c-17")), Ok("customer:c-17".to_owned()));
    }

    #[test]
    fn refuses_an_unknown_kind_an_empty_name_an_overlong_text_and_a_second_value() {
        for text in
            ["root:me", "customer:", "customer: ", "customer", "", &format!("system:{}", "x".repeat(94))]
        {
            let refusal = actor(&metadata(text)).expect_err(text);
            assert_eq!(refusal.violations[0].field, METADATA);
        }
        let mut two = metadata("system:a");
        two.append(METADATA, "system:b".parse().expect("ASCII"));
        assert!(actor(&two).is_err());
    }
}
