//! Server reflection, in both versions: some tools know only one, some only the other.

use tonic::service::RoutesBuilder;
use tonic_reflection::server::{Builder, Error};

/// Adds `grpc.reflection.v1` and `v1alpha` for encoded descriptor sets.
pub(super) fn add(routes: &mut RoutesBuilder, descriptors: &[&'static [u8]]) -> Result<(), Error> {
    routes.add_service(configured(descriptors).build_v1()?);
    routes.add_service(configured(descriptors).build_v1alpha()?);
    Ok(())
}

fn configured(descriptors: &[&'static [u8]]) -> Builder<'static> {
    let builder = Builder::configure();
    descriptors.iter().fold(builder, |builder, set| builder.register_encoded_file_descriptor_set(set))
}
