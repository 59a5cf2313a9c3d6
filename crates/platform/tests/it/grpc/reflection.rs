//! Reflection, in both versions.

use platform::grpc::server::Config;
use tokio_stream::iter;

use super::probe::start;

macro_rules! reflects {
    ($name:ident, $version:ident) => {
        #[tokio::test]
        async fn $name() {
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

            let running = start(Config::default()).await;
            let mut client = ServerReflectionClient::new(running.channel.clone());
            let asks = [
                MessageRequest::ListServices(String::new()),
                MessageRequest::FileContainingSymbol("google.rpc.BadRequest".into()),
            ];
            let asks =
                asks.map(|ask| ServerReflectionRequest { host: String::new(), message_request: Some(ask) });
            let mut answers = client.server_reflection_info(iter(asks)).await.unwrap().into_inner();
            let mut next = async || answers.message().await.unwrap().unwrap().message_response.unwrap();
            let MessageResponse::ListServicesResponse(services) = next().await else { panic!("a list") };
            assert!(services.service.iter().any(|service| service.name == "grpc.health.v1.Health"));
            assert!(
                matches!(next().await, MessageResponse::FileDescriptorResponse(_)),
                "error details are known"
            );
        }
    };
}

reflects!(version_1_lists_services_and_knows_the_error_details, v1);
reflects!(version_1_alpha_lists_services_and_knows_the_error_details, v1alpha);
