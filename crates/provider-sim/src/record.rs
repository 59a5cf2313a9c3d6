//! One accepted fact, as a line of the journal: a request that began to execute, and how it ended.

use kernel::{Fingerprint, Timestamp};
use serde::{Deserialize, Serialize};

use crate::intent::Intent;
use crate::reply::Reply;

/// What a request changed. The reply is derived from it, so a replay equals the first reply byte for byte.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    #[serde(rename = "at_us", with = "microseconds")]
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<KeyMark>,
    /// What was executed; absent when the request failed before it moved anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<Intent>,
    /// The caller was answered 500, whatever was executed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) internal_error: bool,
}

/// An idempotency key and the parameters it was first used with.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyMark {
    pub(crate) key: String,
    #[serde(with = "hex")]
    pub(crate) fingerprint: Fingerprint,
}

impl Record {
    pub(crate) fn reply(&self) -> Reply {
        match &self.intent {
            Some(intent) if !self.internal_error => Reply::executed(intent),
            _ => Reply::internal(),
        }
    }
}

mod microseconds {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i128(at.unix_timestamp_nanos() / 1_000)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let at_us = i64::deserialize(from)?;
        Timestamp::from_unix_timestamp_nanos(i128::from(at_us) * 1_000).map_err(de::Error::custom)
    }
}

mod hex {
    use super::Fingerprint;
    use data_encoding::HEXLOWER;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(fingerprint: &Fingerprint, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(&fingerprint.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Fingerprint, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(de::Error::custom)?;
        let bytes = bytes.try_into().map_err(|_| de::Error::custom("a fingerprint has 32 bytes"))?;
        Ok(Fingerprint(bytes))
    }
}
