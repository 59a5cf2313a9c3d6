//! The gRPC face of inventory: each handler parses its request, calls a command or a query, and shapes the reply.

use std::future::Future;

use contract::purser::inventory::v1 as pb;
use contract::purser::inventory::v1::inventory_service_server::InventoryService;
use kernel::{PageTokens, Refusal};
use platform::grpc::{replay_header, status};
use tonic::{Request, Response, Status};

use crate::inventory::Inventory;

mod adjust_stock;
mod batch_get_stock;
mod create_reservation;
mod get_reservation;
mod get_stock;
mod list_movements;
mod list_stock;
mod parse;
mod receive_stock;
mod release_reservation;
mod reply;

/// What the server is put together from.
#[derive(Clone)]
pub struct Deps {
    /// The running context.
    pub inventory: Inventory,
    /// Seals page tokens.
    pub tokens: PageTokens,
}

/// The server of [`InventoryService`].
#[derive(Clone)]
pub struct InventoryServer {
    deps: Deps,
}

impl InventoryServer {
    /// A server on a running context.
    #[must_use]
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

/// The answer of a read.
async fn read<T>(answer: impl Future<Output = Result<T, Refusal>>) -> Result<Response<T>, Status> {
    answer.await.map(Response::new).map_err(status)
}

/// The answer of a write, with its mark when the key had been used before.
async fn write<T>(answer: impl Future<Output = Result<(T, bool), Refusal>>) -> Result<Response<T>, Status> {
    let (message, replayed) = answer.await.map_err(status)?;
    let mut response = Response::new(message);
    if replayed {
        replay_header(&mut response);
    }
    Ok(response)
}

#[tonic::async_trait]
impl InventoryService for InventoryServer {
    async fn get_stock(
        &self,
        request: Request<pb::GetStockRequest>,
    ) -> Result<Response<pb::GetStockResponse>, Status> {
        read(get_stock::handle(&self.deps, request.into_inner())).await
    }

    async fn batch_get_stock(
        &self,
        request: Request<pb::BatchGetStockRequest>,
    ) -> Result<Response<pb::BatchGetStockResponse>, Status> {
        read(batch_get_stock::handle(&self.deps, request.into_inner())).await
    }

    async fn list_stock(
        &self,
        request: Request<pb::ListStockRequest>,
    ) -> Result<Response<pb::ListStockResponse>, Status> {
        read(list_stock::handle(&self.deps, request.into_inner())).await
    }

    async fn receive_stock(
        &self,
        request: Request<pb::ReceiveStockRequest>,
    ) -> Result<Response<pb::ReceiveStockResponse>, Status> {
        write(receive_stock::handle(&self.deps, request)).await
    }

    async fn adjust_stock(
        &self,
        request: Request<pb::AdjustStockRequest>,
    ) -> Result<Response<pb::AdjustStockResponse>, Status> {
        write(adjust_stock::handle(&self.deps, request)).await
    }

    async fn create_reservation(
        &self,
        request: Request<pb::CreateReservationRequest>,
    ) -> Result<Response<pb::CreateReservationResponse>, Status> {
        write(create_reservation::handle(&self.deps, request)).await
    }

    async fn release_reservation(
        &self,
        request: Request<pb::ReleaseReservationRequest>,
    ) -> Result<Response<pb::ReleaseReservationResponse>, Status> {
        write(release_reservation::handle(&self.deps, request)).await
    }

    async fn get_reservation(
        &self,
        request: Request<pb::GetReservationRequest>,
    ) -> Result<Response<pb::GetReservationResponse>, Status> {
        read(get_reservation::handle(&self.deps, request.into_inner())).await
    }

    async fn list_movements(
        &self,
        request: Request<pb::ListMovementsRequest>,
    ) -> Result<Response<pb::ListMovementsResponse>, Status> {
        read(list_movements::handle(&self.deps, request.into_inner())).await
    }
}
