//! The log: lines for people or for machines, on stderr, because stdout belongs to what a command answers.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

use super::Error;

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Libraries that log what only their authors want to read. What is asked for by name comes after and wins.
const QUIET: &str = "h2=off,hyper=off,hyper_util=off,tonic=off,tower=off,opentelemetry=warn,opentelemetry_sdk=warn,\
                     opentelemetry-otlp=warn,tokio_postgres=warn,refinery_core=warn";

pub(super) fn layer<S>(filter: &str, format: Format) -> Result<Box<dyn Layer<S> + Send + Sync>, Error>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let malformed = |error| Error::Filter(filter.to_owned(), error);
    let filter = EnvFilter::builder().parse(format!("{QUIET},{filter}")).map_err(malformed)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    Ok(match format {
        Format::Text => {
            lines.compact().with_ansi(std::io::stderr().is_terminal()).with_filter(filter).boxed()
        }
        Format::Json => lines.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed(),
    })
}

/// Panics go to the log like everything else, with the trace id of their call; without a log, where they always went.
pub(super) fn panics_are_logged() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !tracing::enabled!(target: "panic", tracing::Level::ERROR) {
            return before(panic);
        }
        let place = panic.location().map(ToString::to_string);
        let trace_id = super::trace_id().map(tracing::field::display);
        tracing::error!(target: "panic", place, trace_id, "panic: {}", panic.payload_as_str().unwrap_or("not a text"));
    }));
}
