//! The service: each method in a file of its own, which parses, calls the command or query, and replies.

use std::sync::Arc;

use contract::purser::catalog::v1 as proto;
use kernel::Refusal;
use platform::grpc::{replay_header, status};
use proto::catalog_service_server::CatalogService;
use tonic::{Request, Response, Status};

use crate::Deps;

mod batch_get_skus;
mod create_merchant;
mod create_product;
mod get_sku;
mod list_prices;
mod list_skus;
mod set_price;
mod upsert_skus;
mod wire;

/// `purser.catalog.v1.CatalogService`.
#[derive(Clone, Debug)]
pub struct CatalogServer {
    deps: Arc<Deps>,
}

impl CatalogServer {
    /// The service over its dependencies.
    #[must_use]
    pub fn new(deps: Deps) -> Self {
        Self { deps: Arc::new(deps) }
    }
}

fn reply<T>(answer: Result<T, Refusal>) -> Result<Response<T>, Status> {
    answer.map(Response::new).map_err(status)
}

/// The reply of a write: an answer given to the same key before says so in its header too.
fn written<T>(answer: Result<T, Refusal>, replayed: impl FnOnce(&T) -> bool) -> Result<Response<T>, Status> {
    let answer = answer.map_err(status)?;
    let replayed = replayed(&answer);
    let mut response = Response::new(answer);
    if replayed {
        replay_header(&mut response);
    }
    Ok(response)
}

#[tonic::async_trait]
impl CatalogService for CatalogServer {
    async fn create_merchant(
        &self,
        request: Request<proto::CreateMerchantRequest>,
    ) -> Result<Response<proto::CreateMerchantResponse>, Status> {
        written(create_merchant::call(&self.deps, &request.into_inner()).await, |answer| answer.replayed)
    }

    async fn create_product(
        &self,
        request: Request<proto::CreateProductRequest>,
    ) -> Result<Response<proto::CreateProductResponse>, Status> {
        written(create_product::call(&self.deps, &request.into_inner()).await, |answer| answer.replayed)
    }

    async fn upsert_skus(
        &self,
        request: Request<proto::UpsertSkusRequest>,
    ) -> Result<Response<proto::UpsertSkusResponse>, Status> {
        written(upsert_skus::call(&self.deps, &request.into_inner()).await, |answer| answer.replayed)
    }

    async fn get_sku(
        &self,
        request: Request<proto::GetSkuRequest>,
    ) -> Result<Response<proto::GetSkuResponse>, Status> {
        reply(get_sku::call(&self.deps, &request.into_inner()).await)
    }

    async fn batch_get_skus(
        &self,
        request: Request<proto::BatchGetSkusRequest>,
    ) -> Result<Response<proto::BatchGetSkusResponse>, Status> {
        reply(batch_get_skus::call(&self.deps, &request.into_inner()).await)
    }

    async fn list_skus(
        &self,
        request: Request<proto::ListSkusRequest>,
    ) -> Result<Response<proto::ListSkusResponse>, Status> {
        reply(list_skus::call(&self.deps, &request.into_inner()).await)
    }

    async fn set_price(
        &self,
        request: Request<proto::SetPriceRequest>,
    ) -> Result<Response<proto::SetPriceResponse>, Status> {
        written(set_price::call(&self.deps, &request.into_inner()).await, |answer| answer.replayed)
    }

    async fn list_prices(
        &self,
        request: Request<proto::ListPricesRequest>,
    ) -> Result<Response<proto::ListPricesResponse>, Status> {
        reply(list_prices::call(&self.deps, &request.into_inner()).await)
    }
}
