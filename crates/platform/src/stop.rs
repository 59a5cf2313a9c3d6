//! The process's wish to end, as a token that everything watches.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that SIGTERM and SIGINT cancel. A second signal ends the process at once.
///
/// # Errors
/// When the signals cannot be caught.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(watch(terminate, interrupt, stop.clone()));
    Ok(stop)
}

async fn watch(mut terminate: Signal, mut interrupt: Signal, stop: CancellationToken) {
    let name = either(&mut terminate, &mut interrupt).await;
    tracing::info!(signal = name, "asked to stop; a second signal ends at once");
    stop.cancel();
    either(&mut terminate, &mut interrupt).await;
    std::process::exit(130);
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
