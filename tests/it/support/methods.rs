//! Every RPC of the four services, from the descriptors, so that none is forgotten; and a way to call one by its path.

use contract::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::method_options::IdempotencyLevel;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};

pub struct Method {
    /// `Service/Method`, without the package.
    pub name: String,
    pub reads: bool,
}

/// All of them.
pub fn all() -> Vec<Method> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut methods = Vec::new();
    for service in set.file.iter().flat_map(|file| &file.service) {
        for method in &service.method {
            let level = method.options.as_ref().map(|options| options.idempotency_level());
            methods.push(Method {
                name: format!("{}/{}", service.name(), method.name()),
                reads: level == Some(IdempotencyLevel::NoSideEffects),
            });
        }
    }
    methods
}

/// Names of the services with their packages.
pub fn services() -> Vec<String> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let named = |file: &prost_types::FileDescriptorProto| {
        let package = file.package().to_owned();
        file.service.iter().map(move |service| format!("{package}.{}", service.name())).collect::<Vec<_>>()
    };
    set.file.iter().flat_map(named).collect()
}

/// Calls `Service/Method`, and leaves the answer unread.
pub async fn call<Q: Message + 'static>(channel: Channel, name: &str, request: Q) -> Result<(), Status> {
    let service = name.split('/').next().unwrap();
    let full = services().into_iter().find(|full| full.ends_with(&format!(".{service}"))).unwrap();
    let path = format!("/{full}/{}", name.split('/').next_back().unwrap());
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = tonic_prost::ProstCodec::<Q, ()>::default();
    grpc.unary(Request::new(request), PathAndQuery::try_from(path).unwrap(), codec).await.map(|_| ())
}
