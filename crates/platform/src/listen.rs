//! Ports to listen on: one that was asked for is taken or refused, a default one may be replaced by a free one.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// An address, and whether somebody insists on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// `HOST:PORT` that was asked for; port 0 asks for any free one.
    Asked(String),
    /// `HOST:PORT` that nobody asked for.
    Default(String),
}

/// Why a port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {reason}")]
pub struct BindError {
    address: String,
    reason: String,
}

/// Listens.
///
/// # Errors
/// When an asked address is taken or none, or no port of the default's host is free.
pub async fn bind(listen: &Listen) -> Result<TcpListener, BindError> {
    let (Listen::Asked(address) | Listen::Default(address)) = listen;
    let refusal = |error: io::Error| BindError { address: address.clone(), reason: reason(&error) };
    match TcpListener::bind(address).await {
        Err(error) if may_move(listen, &error) => {
            let resolved = tokio::net::lookup_host(address).await.map_err(refusal)?;
            let free: Vec<SocketAddr> = resolved.map(|at| SocketAddr::new(at.ip(), 0)).collect();
            TcpListener::bind(free.as_slice()).await.map_err(refusal)
        }
        bound => bound.map_err(refusal),
    }
}

fn may_move(listen: &Listen, error: &io::Error) -> bool {
    matches!(listen, Listen::Default(_))
        && matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "the port is taken by another process".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to use this port".to_owned(),
        io::ErrorKind::AddrNotAvailable => "the address does not belong to this machine".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asked_port_that_is_taken_is_refused_and_a_default_one_replaced() {
        let taken = bind(&Listen::Default("127.0.0.1:0".into())).await.expect("any port");
        let address = taken.local_addr().expect("bound").to_string();
        let refused = bind(&Listen::Asked(address.clone())).await.expect_err("taken");
        assert_eq!(
            refused.to_string(),
            format!("cannot listen on {address}: the port is taken by another process")
        );
        let moved = bind(&Listen::Default(address.clone())).await.expect("another port");
        assert_ne!(moved.local_addr().expect("bound").to_string(), address);
    }
}
