//! The contexts of this process: each is started if it is wanted, its service added to the server, its worker kept, and its
//! end put in order.

use std::sync::Arc;

use anyhow::Context;
use catalog::grpc::CatalogServer;
use contract::purser::catalog::v1::catalog_service_server::CatalogServiceServer;
use contract::purser::inventory::v1::inventory_service_server::InventoryServiceServer;
use contract::purser::order::v1::order_service_server::OrderServiceServer;
use contract::purser::payment::v1::payment_service_server::PaymentServiceServer;
use inventory::Inventory;
use inventory::grpc::InventoryServer;
use kernel::PageTokens;
use order::Orders;
use order::grpc::OrderServer;
use order::money::OrderBook;
use order::payments::{InProcess, Remote};
use payment::provider::stripe::{self, Stripe};
use platform::group_commit::Limits;
use platform::grpc::{Server, client};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Deps, Endings};
use crate::cli::values::Service;
use crate::config::{ServeConfig, ServicesConfig};
use crate::exit::Failure;
use crate::ports::CatalogSkus;

/// Largest request: 2,000 lines fit well; anything larger is a mistake.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// The provider that pending payments are opened with and captured by.
const PROVIDER: &str = "stripe";

// The simulator takes any; a real account's secret becomes a setting with the real provider.
const PROVIDER_SECRET: &str = "sk_test_simulated";

/// Starts the contexts that `services` names.
///
/// # Errors
/// When an address is none.
pub(super) fn start(
    mut server: Server,
    serving: &ServeConfig,
    services: &ServicesConfig,
    deps: &Deps,
    page_tokens: &PageTokens,
    endings: &mut Endings,
) -> Result<Server, Failure> {
    let wanted = |service| services.services.contains(&service);
    let limits = Limits::default();
    let workers = Workers::default();
    // Workers stop first, so that nothing new begins while the lanes run dry.
    workers.end_with(endings);

    if wanted(Service::Catalog) {
        let (database, clock) = (deps.database.clone(), Arc::clone(&deps.clock));
        let catalog = catalog::Deps { database, clock, page_tokens: page_tokens.clone() };
        let service = CatalogServiceServer::new(CatalogServer::new(catalog));
        server = server.serve(service.max_decoding_message_size(REQUEST_BYTES_MAX));
    }
    let payments = if wanted(Service::Payment) { Some(payments(services, deps)?) } else { None };
    if wanted(Service::Order) {
        let reached: Arc<dyn order::payments::Payments> = match (&services.payment_url, &payments) {
            (Some(url), _) => Arc::new(Remote::new(client::connect(url).context("--payment-url")?)),
            (None, Some(payments)) => Arc::new(InProcess(payments.clone())),
            (None, None) => return Err(Failure::Failed(anyhow::anyhow!("orders without a payment service"))),
        };
        let orders = Orders::start(order::Deps {
            database: deps.database.clone(),
            clock: Arc::clone(&deps.clock),
            page_tokens: page_tokens.clone(),
            payments: reached,
            provider: PROVIDER,
            trust_callers: serving.trust_callers,
            limits,
        });
        let service = OrderServiceServer::new(OrderServer::new(orders.clone()));
        server = server.serve(service.max_decoding_message_size(REQUEST_BYTES_MAX));
        workers.keep(order::workers::expiry::run(orders.clone(), workers.stop.clone()));
        endings.add("orders", async move { orders.drain().await });
    }
    if let Some(payments) = payments {
        let service = PaymentServiceServer::new(payment::grpc::PaymentServer::new(
            payments.clone(),
            page_tokens.clone(),
        ));
        server = server.serve(service.max_decoding_message_size(REQUEST_BYTES_MAX));
        workers.keep(payment::workers::recovery::run(payments.clone(), workers.stop.clone()));
        endings.add("payments", async move { payments.drain().await });
    }
    if wanted(Service::Inventory) {
        let inventory = Inventory::start(inventory::Deps {
            database: deps.database.clone(),
            clock: Arc::clone(&deps.clock),
            skus: Arc::new(CatalogSkus),
            limits,
        });
        let served = inventory::grpc::Deps { inventory: inventory.clone(), tokens: page_tokens.clone() };
        let service = InventoryServiceServer::new(InventoryServer::new(served));
        server = server.serve(service.max_decoding_message_size(REQUEST_BYTES_MAX));
        workers.keep(inventory.clone().expire_reservations(workers.stop.clone()));
        endings.add("inventory", async move { inventory.drain().await });
    }
    Ok(server)
}

fn payments(services: &ServicesConfig, deps: &Deps) -> Result<payment::Payments, Failure> {
    let url = services.provider_url.as_deref().context("the payment service has no provider")?;
    let config = stripe::Config {
        base_url: url.to_owned(),
        secret: PROVIDER_SECRET.to_owned(),
        connect_timeout: std::time::Duration::from_secs(2),
    };
    let provider = Stripe::new(&config).context("--provider-url")?;
    Ok(payment::Payments::start(payment::Deps {
        database: deps.database.clone(),
        clock: Arc::clone(&deps.clock),
        orders: Arc::new(OrderBook),
        provider: Arc::new(provider),
        limits: payment::capture::Limits::default(),
    }))
}

/// What the contexts do by themselves.
#[derive(Clone, Default)]
struct Workers {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Workers {
    fn keep(&self, worker: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(worker);
    }

    fn end_with(&self, endings: &mut Endings) {
        let workers = self.clone();
        endings.add("workers", async move {
            workers.stop.cancel();
            workers.tasks.close();
            workers.tasks.wait().await;
        });
    }
}
