//! The payment provider of a test, served on a loopback port by the test itself.

use std::sync::Arc;

use provider_sim::{Config, Sim};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub struct Provider {
    pub sim: Sim,
    pub url: String,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Provider {
    pub async fn start() -> Self {
        let sim = Sim::open(Config { journal: None, clock: Arc::default() }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(sim.serve(listener, std::future::pending()));
        Self { sim, url, serving }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
