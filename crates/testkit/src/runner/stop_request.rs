//! Being asked to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::RunError;

/// Listens for the signals that ask a program to end. From its creation on they no longer end the process by
/// themselves.
#[derive(Debug)]
pub struct StopRequest {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl StopRequest {
    /// Starts listening.
    ///
    /// # Errors
    /// [`RunError::Io`] when the system refuses.
    pub fn listen() -> Result<Self, RunError> {
        let listen = |kind| signal(kind).map_err(RunError::io("listen for signals"));
        Ok(Self {
            hangup: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for such a signal and returns the exit code it stands for: 128 and its number.
    pub async fn requested(&mut self) -> i32 {
        tokio::select! {
            _ = self.hangup.recv() => 128 + 1,
            _ = self.interrupt.recv() => 128 + 2,
            _ = self.terminate.recv() => 128 + 15,
        }
    }
}
