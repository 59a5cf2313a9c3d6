//! The trace id of the running call: in every log line, in every INTERNAL answer, and in the exported trace.

use std::fmt;

tokio::task_local! {
    static CURRENT: TraceId;
}

/// A W3C trace id: 16 bytes, never all zero, shown as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// A fresh random id.
    #[must_use]
    pub fn random() -> Self {
        Self(*uuid::Uuid::new_v4().as_bytes())
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The id of an incoming `traceparent`, if that is well-formed (W3C Trace Context, version 00 and later).
    #[must_use]
    pub fn of_traceparent(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, len| {
            text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(span, 16) {
            return None;
        }
        let bits = u128::from_str_radix(trace, 16).ok()?;
        (bits != 0 && span.bytes().any(|b| b != b'0')).then(|| Self(bits.to_be_bytes()))
    }

    /// Runs a call under this trace id.
    pub fn scope<F: Future>(self, call: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, call)
    }

    /// Runs what does not wait under this trace id.
    pub fn sync_scope<T>(self, run: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, run)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The trace id of the call that this task works on, if it works on one.
#[must_use]
pub fn trace_id() -> Option<TraceId> {
    CURRENT.try_with(|id| *id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_traceparent_and_refuses_malformed_ones() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let id = TraceId::of_traceparent(text).expect("well-formed");
        assert_eq!(id.to_string(), "0af7651916cd43dd8448eb211c80319c");
        for text in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceId::of_traceparent(text), None, "{text}");
        }
    }
}
