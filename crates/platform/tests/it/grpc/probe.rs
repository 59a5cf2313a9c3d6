//! A service with a method for everything that can happen to a call. Its messages are the health check's.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use platform::grpc::server::{Config, Server};
use platform::grpc::{Deadline, Health, REQUEST_BYTES_MAX};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::NamedService;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;
use tower::Service;

pub type Ask = HealthCheckRequest;
pub type Answer = HealthCheckResponse;

#[derive(Clone, Default)]
pub struct Probe {
    pub entered: Arc<Notify>,
    pub release: Arc<Notify>,
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

async fn handle(probe: Probe, path: String, request: Request<Ask>) -> Result<Response<Answer>, Status> {
    match path.as_str() {
        "/test.Probe/Echo" => {}
        "/test.Probe/Panic" => panic!("secret text"),
        "/test.Probe/Bare" => return Err(Status::internal("secret text")),
        "/test.Probe/Never" => {
            probe.entered.notify_one();
            std::future::pending::<()>().await;
        }
        "/test.Probe/Wait" => {
            probe.entered.notify_one();
            probe.release.notified().await;
        }
        "/test.Probe/Left" => {
            let left = request.extensions().get::<Deadline>().unwrap().remaining();
            let status = i32::try_from(left.as_millis()).unwrap();
            return Ok(Response::new(Answer { status }));
        }
        "/test.Probe/Forward" => {
            let next = request.get_ref().service.clone();
            let mut grpc = tonic::client::Grpc::new(platform::grpc::client::connect(&next).unwrap());
            grpc.ready().await.unwrap();
            let codec = ProstCodec::<Ask, Answer>::default();
            return grpc
                .unary(Request::new(Ask::default()), "/test.Probe/Left".parse().unwrap(), codec)
                .await;
        }
        path => return Err(Status::unimplemented(path)),
    }
    Ok(Response::new(Answer { status: 1 }))
}

impl Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let (probe, path) = (self.clone(), request.uri().path().to_owned());
        Box::pin(async move {
            let method = tower::service_fn(move |ask| handle(probe.clone(), path.clone(), ask));
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<Answer, Ask>::default())
                .apply_max_message_size_config(Some(REQUEST_BYTES_MAX), None);
            Ok(grpc.unary(method, request).await)
        })
    }
}

/// A running server and a client of it.
pub struct Running {
    pub probe: Probe,
    pub health: Health,
    pub stop: CancellationToken,
    pub address: std::net::SocketAddr,
    pub channel: Channel,
    pub served: JoinHandle<Result<(), platform::grpc::server::Error>>,
}

pub async fn start(config: Config) -> Running {
    super::world::telemetry();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (probe, stop) = (Probe::default(), CancellationToken::new());
    let server = Server::new(config).serve(probe.clone());
    let health = server.health();
    let served = tokio::spawn(server.run(listener, stop.clone()));
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    Running { probe, health, stop, address, channel, served }
}

impl Running {
    /// Calls a method of the probe.
    pub async fn call(&self, method: &str, request: Request<Ask>) -> Result<Answer, Status> {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = format!("/test.Probe/{method}").parse().unwrap();
        let codec = ProstCodec::<Ask, Answer>::default();
        grpc.unary(request, path, codec).await.map(Response::into_inner)
    }

    /// Calls a method of the probe without tonic's channel, which would end the call by itself at its deadline.
    pub async fn call_raw(&self, method: &str, request: Request<Ask>) -> Result<Answer, Status> {
        let stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let (io, executor) = (TokioIo::new(stream), TokioExecutor::new());
        let (sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
        tokio::spawn(connection);
        let transport = tower::service_fn(move |request| sender.clone().send_request(request));
        let origin = format!("http://{}", self.address).parse().unwrap();
        let mut grpc = tonic::client::Grpc::with_origin(transport, origin);
        grpc.ready().await.unwrap();
        let path = format!("/test.Probe/{method}").parse().unwrap();
        grpc.unary(request, path, ProstCodec::<Ask, Answer>::default()).await.map(Response::into_inner)
    }

    /// The server's end, which has to come within this time.
    pub async fn ends_within(self, time: Duration) {
        tokio::time::timeout(time, self.served).await.expect("must end").unwrap().unwrap();
    }
}
