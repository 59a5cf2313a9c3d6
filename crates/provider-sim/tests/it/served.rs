//! A simulator behind a loopback port, and a caller of it.

use std::path::PathBuf;
use std::sync::Arc;

use kernel::Clock;
use provider_sim::{Config, Sim};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A served simulator. Dropping it stops serving.
pub struct Served {
    pub sim: Sim,
    pub clock: Arc<Clock>,
    pub caller: Caller,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// In memory.
    pub async fn start() -> Self {
        Self::over(None).await
    }

    pub async fn over(journal: Option<PathBuf>) -> Self {
        let clock = Arc::new(Clock::default());
        let sim = Sim::open(Config { journal, clock: Arc::clone(&clock) }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let caller = Caller::to(format!("http://{}", listener.local_addr().unwrap()));
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(sim.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { sim, clock, caller, stop, server }
    }

    /// Ends it, and frees its journal.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
        self.sim.close();
    }
}

#[derive(Clone)]
pub struct Caller {
    base: String,
    http: Client,
}

impl Caller {
    pub fn to(base: String) -> Self {
        Self { base, http: Client::builder().no_proxy().build().unwrap() }
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base)).bearer_auth("sk_test_1")
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).bearer_auth("sk_test_1")
    }

    /// A payment of 12.34 GBP with this card.
    pub fn pay(&self, key: &str, card: &str) -> RequestBuilder {
        self.post("/v1/payment_intents").header("Idempotency-Key", key).form(&payment("1234", card))
    }
}

pub fn payment<'a>(amount: &'a str, card: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("amount", amount),
        ("currency", "gbp"),
        ("payment_method", card),
        ("confirm", "true"),
        ("capture_method", "automatic"),
        ("metadata[order_id]", "ord_1"),
    ]
}

/// Status and JSON body.
pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.unwrap()).await
}

pub async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

pub fn is_replay(response: &Response) -> bool {
    response.headers().get("idempotent-replayed").is_some_and(|value| value == "true")
}
