//! What a serving process says on stdout.

use std::io::Write;
use std::net::SocketAddr;

/// Where a process can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// gRPC.
    pub grpc: SocketAddr,
    /// Metrics and health over HTTP.
    pub metrics: SocketAddr,
}

impl Addresses {
    /// As a URL for clients.
    #[must_use]
    pub fn grpc_url(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// The lines for people: what the process does ("ready", "listening"), and where. `more` are further names and values.
    #[must_use]
    pub fn lines(&self, state: &str, more: &[(&str, String)]) -> String {
        let open = if self.grpc.ip().is_loopback() {
            "no TLS, no authentication: loopback only"
        } else {
            "OPEN: no TLS, no authentication; whoever reaches this address can use it"
        };
        let mut lines = format!(
            "Purser is {state}.\n  gRPC      {}  ({open})\n  metrics   http://{}/metrics\n",
            self.grpc, self.metrics
        );
        for (name, value) in more {
            lines.push_str(&format!("  {name:<9} {value}\n"));
        }
        lines
    }
}

/// Prints; a reader that went away is no failure.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
