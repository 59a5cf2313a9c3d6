//! One layer of settings over another: what the upper one says wins.

use crate::cli::options::{DataDir, DatabaseOptions, Providers, Serving, TelemetryOptions};

pub(super) trait Over {
    /// This layer over `lower`.
    fn over(self, lower: Self) -> Self;
}

// Every field is named, so that a new one does not compile until it has its place here.
macro_rules! over {
    ($group:ident { $($field:ident),* $(,)? }) => {
        impl Over for $group {
            fn over(self, lower: Self) -> Self {
                Self { $($field: self.$field.or(lower.$field),)* }
            }
        }
    };
}

over!(TelemetryOptions { log, log_format, otlp_endpoint });
over!(Serving {
    listen,
    metrics_listen,
    trust_callers,
    deadline_max,
    calls_max,
    drain_delay,
    drain_grace,
    reflection,
});
over!(DatabaseOptions { url, write_connections, read_connections });
over!(DataDir { data_dir, postgres_bin });
over!(Providers { services, provider_url, payment_url });
