//! What tools see of the contract: health, and reflection in both versions.

use prost::Message;
use prost_types::FileDescriptorProto;
use tokio_stream::iter;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::methods::services;
use crate::support::world::World;

const DETAILS: [&str; 5] = [
    "google.rpc.ErrorInfo",
    "google.rpc.BadRequest",
    "google.rpc.RetryInfo",
    "google.rpc.ResourceInfo",
    "purser.common.v1.StockShortage",
];

#[tokio::test]
async fn every_service_has_its_health() {
    let world = World::new().await;
    let serving = world.serve().await;
    for service in services() {
        assert_eq!(serving.health(&service).await, Some(ServingStatus::Serving), "{service}");
    }
    assert_eq!(serving.health("purser.order.v1.NoService").await, None);
    serving.stop().await;

    let part = world.serve_with(&["--services", "catalog"]).await;
    assert_eq!(part.health("purser.catalog.v1.CatalogService").await, Some(ServingStatus::Serving));
    assert_eq!(part.health("purser.order.v1.OrderService").await, None);
    part.stop().await;
}

/// Whether one of these encoded files defines the message.
fn defines(files: &[Vec<u8>], symbol: &str) -> bool {
    files.iter().map(|file| FileDescriptorProto::decode(&**file).unwrap()).any(|file| {
        file.message_type.iter().any(|message| format!("{}.{}", file.package(), message.name()) == symbol)
    })
}

macro_rules! reflects {
    ($name:ident, $version:ident) => {
        #[tokio::test]
        async fn $name() {
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

            let world = World::new().await;
            let serving = world.serve().await;
            let details = DETAILS.map(|symbol| MessageRequest::FileContainingSymbol(symbol.into()));
            let asks = std::iter::once(MessageRequest::ListServices(String::new())).chain(details);
            let asks: Vec<_> = asks
                .map(|ask| ServerReflectionRequest { host: String::new(), message_request: Some(ask) })
                .collect();
            let mut client = ServerReflectionClient::new(serving.channel());
            let mut answers = client.server_reflection_info(iter(asks)).await.unwrap().into_inner();
            let mut next = async || answers.message().await.unwrap().unwrap().message_response.unwrap();

            let MessageResponse::ListServicesResponse(listed) = next().await else { panic!("a list") };
            let listed: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
            let reflection =
                concat!("grpc.reflection.", stringify!($version), ".ServerReflection").to_owned();
            for service in services().into_iter().chain(["grpc.health.v1.Health".to_owned(), reflection]) {
                assert!(listed.contains(&service), "{service} is not among {listed:?}");
            }
            for symbol in DETAILS {
                let MessageResponse::FileDescriptorResponse(files) = next().await else { panic!("{symbol}") };
                assert!(defines(&files.file_descriptor_proto, symbol), "{symbol}");
            }
        }
    };
}

reflects!(version_1_lists_the_services_and_describes_the_details_of_errors, v1);
reflects!(version_1_alpha_lists_the_services_and_describes_the_details_of_errors, v1alpha);
