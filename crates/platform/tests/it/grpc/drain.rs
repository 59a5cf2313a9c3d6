//! How a server ends while it is in use.

use std::time::{Duration, Instant};

use platform::grpc::server::Config;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tonic::Request;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::probe::{Ask, Running, start};

async fn watch(running: &Running) -> tonic::Streaming<tonic_health::pb::HealthCheckResponse> {
    HealthClient::new(running.channel.clone()).watch(Ask::default()).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_call_in_flight_is_answered_and_neither_a_silent_client_nor_a_watch_delays_the_end() {
    let running = start(Config::default()).await;
    running.health.set_all(true);
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let mut watched = watch(&running).await;
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let (answer, ()) = tokio::join!(running.call("Wait", Request::new(Ask::default())), async {
        running.probe.entered.notified().await;
        running.stop.cancel();
        // The call is in flight, the server drains and says so.
        assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
        running.probe.release.notify_one();
    });
    assert_eq!(answer.unwrap().status, 1);
    let started = Instant::now();
    running.ends_within(Duration::from_secs(9)).await;
    assert!(started.elapsed() < Duration::from_secs(5), "must not use up the grace time of 10 s");
    let mut greeting = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut greeting)).await;
    assert!(closed.is_ok(), "the silent connection must be closed");
}

#[tokio::test]
async fn a_call_that_never_ends_is_cut_off_at_the_grace_time() {
    let running = start(Config { drain_grace: Duration::from_millis(600), ..Config::default() }).await;
    let (answer, ()) = tokio::join!(running.call("Never", Request::new(Ask::default())), async {
        running.probe.entered.notified().await;
        running.stop.cancel();
    });
    assert!(answer.is_err());
    running.ends_within(Duration::from_secs(2)).await;
}

#[tokio::test]
async fn the_port_is_closed_while_calls_still_end() {
    let running = start(Config::default()).await;
    tokio::join!(async { drop(running.call("Wait", Request::new(Ask::default())).await) }, async {
        running.probe.entered.notified().await;
        running.stop.cancel();
        let refused = async {
            while TcpStream::connect(running.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), refused).await.expect("the port must close");
        running.probe.release.notify_one();
    });
    running.ends_within(Duration::from_secs(9)).await;
}

#[tokio::test]
async fn a_new_server_is_not_serving_until_it_is_told_to() {
    let running = start(Config::default()).await;
    let mut health = HealthClient::new(running.channel.clone());
    let mut status = async |service: &str| {
        let answer = health.check(Ask { service: service.into() }).await;
        answer.map(|answer| answer.into_inner().status())
    };
    assert_eq!(status("").await.unwrap(), ServingStatus::NotServing);
    assert_eq!(status("test.Probe").await.unwrap(), ServingStatus::NotServing);
    assert_eq!(status("no.Such").await.unwrap_err().code(), tonic::Code::NotFound);
    running.health.set_all(true);
    assert_eq!(status("").await.unwrap(), ServingStatus::Serving);
    assert_eq!(status("test.Probe").await.unwrap(), ServingStatus::Serving);
}
