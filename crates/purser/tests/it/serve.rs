//! A serving process whose database is not there: it stands, says that it is not ready, and ends when asked to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

struct Serving {
    process: Child,
    grpc: String,
    metrics: String,
    // Closed, it would break the process's stdout.
    _stdout: BufReader<ChildStdout>,
}

impl Serving {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_purser"))
            .args(["serve", "--services", "catalog", "--database-url", "postgres://nobody@127.0.0.1:1/none"])
            .args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut word = |name: &str| {
            let mut line = String::new();
            while !line.trim_start().starts_with(name) {
                line.clear();
                assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "must say where it is");
            }
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let (grpc, metrics) = (word("gRPC"), word("metrics"));
        let metrics = metrics.trim_start_matches("http://").trim_end_matches("/metrics").to_owned();
        Self { process, grpc, metrics, _stdout: stdout }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn is_asked_to_end(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// The exit code, which has to come within ten seconds.
    fn exit_code(&mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("must end within the grace time");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_process_without_its_database_lives_is_not_ready_and_ends_with_clients_attached() {
    let mut serving = Serving::start();
    assert!(serving.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(serving.get("/readyz").starts_with("HTTP/1.1 503"));

    let channel = Channel::from_shared(format!("http://{}", serving.grpc)).unwrap().connect().await.unwrap();
    let mut health = HealthClient::new(channel);
    for service in ["", "purser.catalog.v1.CatalogService"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        assert_eq!(health.check(request).await.unwrap().into_inner().status(), ServingStatus::NotServing);
    }
    let mut watched = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert!(watched.message().await.unwrap().is_some());
    assert!(serving.get("/metrics").contains("grpc.health.v1.Health/Check"));

    let _silent = TcpStream::connect(&serving.grpc).unwrap();
    serving.is_asked_to_end();
    let code = tokio::task::spawn_blocking(move || serving.exit_code()).await.unwrap();
    assert_eq!(code, Some(0));
}
