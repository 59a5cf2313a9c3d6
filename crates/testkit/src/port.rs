//! A port for a server that a test starts.

/// A TCP port on 127.0.0.1 that was free a moment ago. Prefer binding port 0 where the server can.
///
/// # Panics
/// When the machine has no free port.
pub fn free_port() -> u16 {
    let listener =
        std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port on the loopback interface");
    listener.local_addr().expect("a bound socket has an address").port()
}
