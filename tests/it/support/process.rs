//! A `purser` process, started as people start it, and killed with its value.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contract::purser::catalog::v1::catalog_service_client::CatalogServiceClient;
use contract::purser::inventory::v1::inventory_service_client::InventoryServiceClient;
use contract::purser::order::v1::order_service_client::OrderServiceClient;
use contract::purser::payment::v1::payment_service_client::PaymentServiceClient;
use testkit::eventually;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// How long a process may take to start or to end on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The binary beside the test's own directory; `cargo build` and `cargo nextest run` of the workspace make it.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(|deps| deps.parent()).unwrap().join("purser");
    assert!(path.exists(), "{} is not built: run `cargo build -p purser`, or `make test`", path.display());
    path
}

/// A command of the binary that knows nothing of the caller's own settings.
pub fn purser<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars() {
        let ours = name.starts_with("PURSER_") && name != "PURSER_POSTGRES_BIN";
        if ours || name.starts_with("OTEL_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// A serving process.
pub struct Serving {
    child: Child,
    /// Address of gRPC.
    pub grpc: String,
    metrics: String,
    stderr: Arc<Mutex<String>>,
    channel: Channel,
}

impl Serving {
    /// Starts `command` and waits until it says where it is.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = collected(child.stderr.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut found = Vec::new();
        let told = tokio::time::timeout(PATIENCE, async {
            while found.len() < 2 {
                let Some(line) = lines.next_line().await.unwrap() else { break };
                let mut words = line.split_whitespace();
                if matches!(words.next(), Some("gRPC" | "metrics")) {
                    found.extend(words.next().map(str::to_owned));
                }
            }
        });
        let told = told.await;
        let [grpc, metrics] = <[String; 2]>::try_from(found)
            .unwrap_or_else(|_| panic!("must say where it is ({told:?}): {}", stderr.lock().unwrap()));
        // Read on to the end: a closed pipe would break the process's stdout.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let metrics = metrics.trim_start_matches("http://").trim_end_matches("/metrics").to_owned();
        let channel = Channel::from_shared(format!("http://{grpc}")).unwrap().connect_lazy();
        Self { child, grpc, metrics, stderr, channel }
    }

    /// Waits until every service serves.
    pub async fn ready(self) -> Self {
        eventually(PATIENCE, async || (self.health("").await == Some(ServingStatus::Serving)).then_some(()))
            .await;
        self
    }

    pub async fn health(&self, service: &str) -> Option<ServingStatus> {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = HealthClient::new(self.channel()).check(request).await;
        answer.ok().map(|answer| answer.into_inner().status())
    }

    /// What is on the HTTP side.
    pub async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.metrics).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    pub fn log(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub fn catalog(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel())
    }

    pub fn inventory(&self) -> InventoryServiceClient<Channel> {
        InventoryServiceClient::new(self.channel())
    }

    pub fn orders(&self) -> OrderServiceClient<Channel> {
        OrderServiceClient::new(self.channel())
    }

    pub fn payments(&self) -> PaymentServiceClient<Channel> {
        PaymentServiceClient::new(self.channel())
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let pid = self.child.id().expect("still running").to_string();
        let sent = std::process::Command::new("/bin/sh").args(["-c", "kill -TERM \"$0\"", &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("must end: {}", self.log())).unwrap()
    }

    /// Ends it in order, which has to succeed.
    pub async fn stop(mut self) {
        self.terminate();
        let status = self.ended().await;
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    /// Kills it (SIGKILL).
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the log of {}:\n{}", self.grpc, self.log());
        }
    }
}

fn collected(from: tokio::process::ChildStderr) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    text
}
