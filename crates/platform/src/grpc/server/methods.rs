//! The methods that exist, read from the descriptors.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message;
use prost_types::FileDescriptorSet;

/// The name of every method that does not exist, so that a caller cannot invent metric series.
const OTHER: &str = "_OTHER";

/// Every method by its path: name, and whether it streams.
#[derive(Clone)]
pub struct Methods {
    by_path: Arc<HashMap<String, Method>>,
    other: Arc<str>,
}

struct Method {
    name: Arc<str>,
    streams: bool,
}

impl Methods {
    /// The methods of encoded descriptor sets, reflection's own included.
    ///
    /// # Errors
    /// When a set cannot be decoded.
    pub fn of(descriptors: &[&[u8]]) -> Result<Self, prost::DecodeError> {
        let reflection = [
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let mut by_path = HashMap::new();
        for set in reflection.iter().chain(descriptors) {
            add(&mut by_path, &FileDescriptorSet::decode(*set)?);
        }
        Ok(Self { by_path: Arc::new(by_path), other: OTHER.into() })
    }

    /// `package.Service/Method` of a request's path.
    #[must_use]
    pub fn name(&self, path: &str) -> Arc<str> {
        Arc::clone(self.by_path.get(path).map_or(&self.other, |method| &method.name))
    }

    /// True when requests or responses of the method stream.
    #[must_use]
    pub fn streams(&self, path: &str) -> bool {
        self.by_path.get(path).is_some_and(|method| method.streams)
    }
}

fn add(by_path: &mut HashMap<String, Method>, set: &FileDescriptorSet) {
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let name = format!("{}.{}/{}", file.package(), service.name(), method.name());
                let streams = method.client_streaming() || method.server_streaming();
                by_path.insert(format!("/{name}"), Method { name: name.into(), streams });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_and_streams_and_has_one_name_for_what_does_not_exist() {
        let methods = Methods::of(&[tonic_health::pb::FILE_DESCRIPTOR_SET]).expect("well-formed");
        assert_eq!(&*methods.name("/grpc.health.v1.Health/Check"), "grpc.health.v1.Health/Check");
        assert!(!methods.streams("/grpc.health.v1.Health/Check"));
        assert!(methods.streams("/grpc.health.v1.Health/Watch"));
        assert!(methods.streams("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"));
        assert_eq!(&*methods.name("/no.Such/Method"), "_OTHER");
    }
}
