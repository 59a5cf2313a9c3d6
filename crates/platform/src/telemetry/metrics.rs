//! Instruments. Each part of the house makes its own with [`meter`]; names have dots and no unit, the unit is said
//! apart. An instrument made before [`super::init`] measures nothing for ever: make them when the system is built.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, UpDownCounter};

/// Bounds of histograms of durations, in seconds: from half a millisecond to half a minute.
pub const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Where instruments are made.
#[must_use]
pub fn meter() -> Meter {
    opentelemetry::global::meter("purser")
}

/// A histogram of durations in seconds.
#[must_use]
pub fn durations(name: &'static str, description: &'static str) -> Histogram<f64> {
    meter()
        .f64_histogram(name)
        .with_description(description)
        .with_unit("s")
        .with_boundaries(SECONDS.to_vec())
        .build()
}

/// The instruments of the gRPC server, by the conventions of OpenTelemetry.
pub struct Rpc {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
}

/// The instruments of the gRPC server.
pub fn rpc() -> &'static Rpc {
    static RPC: LazyLock<Rpc> = LazyLock::new(|| Rpc {
        duration: durations("rpc.server.call.duration", "Duration of calls, by method and status"),
        active: meter()
            .i64_up_down_counter("purser.rpc.active")
            .with_description("Calls in flight, by method")
            .build(),
    });
    &RPC
}

impl Rpc {
    /// A call has begun.
    pub fn started(&self, method: &Arc<str>) {
        self.active.add(1, &[KeyValue::new("rpc.method", Arc::clone(method))]);
    }

    /// A call has ended.
    pub fn ended(&self, method: &Arc<str>, code: &'static str, elapsed: Duration) {
        let name = KeyValue::new("rpc.method", Arc::clone(method));
        let kind = KeyValue::new("rpc.system.name", "grpc");
        let code = KeyValue::new("rpc.response.status_code", code);
        self.active.add(-1, std::slice::from_ref(&name));
        self.duration.record(elapsed.as_secs_f64(), &[kind, name, code]);
    }
}
