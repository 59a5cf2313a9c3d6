//! Where metrics and traces go.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracerProvider};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Only our own spans are exported. Without this, every frame of HTTP/2 becomes a span, the exporter's own frames too.
const EXPORTED: [&str; 9] = [
    "catalog",
    "inventory",
    "kernel",
    "order",
    "payment",
    "platform",
    "provider_sim",
    "purser",
    "reconciliation",
];

pub(super) fn meters(
    registry: &prometheus::Registry,
    otlp: Option<&str>,
) -> Result<SdkMeterProvider, Failure> {
    let prometheus =
        opentelemetry_prometheus::exporter().with_registry(registry.clone()).without_target_info().build()?;
    let builder = SdkMeterProvider::builder().with_reader(prometheus).with_resource(resource());
    Ok(match otlp {
        Some(endpoint) => {
            let exporter = MetricExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
            builder.with_periodic_exporter(exporter).build()
        }
        None => builder.build(),
    })
}

pub(super) fn tracers(endpoint: &str) -> Result<SdkTracerProvider, Failure> {
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_id_generator(CallIds::default())
        .with_resource(resource())
        .build())
}

pub(super) fn layer<S>(tracers: &SdkTracerProvider) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let ours = EXPORTED.map(|name| (name, LevelFilter::INFO));
    tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("purser"))
        .with_location(false)
        .with_threads(false)
        .with_filter(Targets::new().with_targets(ours))
}

fn resource() -> Resource {
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over this name, by the conventions of OpenTelemetry.
    match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => Resource::builder().build(),
        None => Resource::builder().with_service_name("purser").build(),
    }
}

/// A trace that begins here has the id that its call already has in the log.
#[derive(Debug, Default)]
struct CallIds(RandomIdGenerator);

impl IdGenerator for CallIds {
    fn new_trace_id(&self) -> opentelemetry::TraceId {
        match super::trace_id() {
            Some(id) => opentelemetry::TraceId::from_bytes(id.bytes()),
            None => self.0.new_trace_id(),
        }
    }

    fn new_span_id(&self) -> opentelemetry::SpanId {
        self.0.new_span_id()
    }
}
