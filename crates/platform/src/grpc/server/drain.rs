//! How a server ends.

use std::io;
use std::time::Duration;

use futures::{Stream, StreamExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;

use super::severable::Severable;
use super::{Config, Error};
use crate::grpc::health::Health;
use crate::grpc::layers::in_flight::InFlight;

/// After the last call has ended: time for its answer to reach the wire and for idle clients to say goodbye.
const GOODBYE: Duration = Duration::from_millis(250);

/// What has to end.
pub struct Drain {
    delay: Duration,
    grace: Duration,
    health: Health,
    calls: InFlight,
    sever: CancellationToken,
}

impl Drain {
    pub fn new(config: &Config, health: Health, calls: InFlight) -> Self {
        let sever = CancellationToken::new();
        Self { delay: config.drain_delay, grace: config.drain_grace, health, calls, sever }
    }

    /// The connections of a port, severable by this drain.
    pub fn incoming(&self, listener: TcpListener) -> impl Stream<Item = io::Result<Severable>> + use<> {
        let sever = self.sever.clone();
        TcpIncoming::from(listener)
            .with_nodelay(Some(true))
            .with_keepalive(Some(Duration::from_secs(60)))
            .map(move |accepted| accepted.map(|stream| Severable::new(stream, sever.clone())))
    }

    /// Serves until `stop`, then ends in the delay and the grace time at most. `closed` closes the port.
    pub async fn run(
        self,
        serving: impl Future<Output = Result<(), tonic::transport::Error>>,
        stop: CancellationToken,
        closed: &CancellationToken,
    ) -> Result<(), Error> {
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = stop.cancelled() => {}
        }
        tracing::info!("stopping: not serving, calls in flight may end");
        self.health.drain();
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = tokio::time::sleep(self.delay) => {}
        }
        closed.cancel();
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = self.calls_end_or_grace_passes() => {}
        }
        // What still runs is streams, silent connections, and calls that had their time.
        self.sever.cancel();
        let severed = tokio::time::timeout(GOODBYE, serving).await;
        severed.unwrap_or(Ok(())).map_err(Error::from)
    }

    async fn calls_end_or_grace_passes(&self) {
        let end = async {
            self.calls.ended().await;
            tokio::time::sleep(GOODBYE).await;
            // A call may have come in on the way; it ends too.
            self.calls.ended().await;
        };
        if tokio::time::timeout(self.grace.saturating_sub(GOODBYE), end).await.is_err() {
            tracing::warn!("calls did not end within the grace time and are cut off");
        }
    }
}
