//! One database, one catalogue on it, and a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalog::Deps;
use catalog::grpc::CatalogServer;
use contract::purser::catalog::v1 as proto;
use contract::purser::common::v1::Money;
use kernel::{Clock, MerchantId, PageTokens};
use platform::db::{Database, DatabaseConfig};
use proto::catalog_service_client::CatalogServiceClient;
use proto::catalog_service_server::CatalogServiceServer;
use testkit::TestDatabase;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Response, Status};
use tonic_types::StatusExt;

pub struct World {
    pub database: TestDatabase,
    pub deps: Deps,
    pub client: CatalogServiceClient<Channel>,
}

pub async fn world() -> World {
    let database = TestDatabase::new().await;
    let deps = Deps {
        database: Database::new(&DatabaseConfig::new(database.url())).unwrap(),
        clock: Arc::new(Clock::default()),
        page_tokens: PageTokens::new(b"a test's secret"),
    };
    let client = serve(deps.clone()).await;
    World { database, deps, client }
}

/// A catalogue process on the database of `deps`.
pub async fn serve(deps: Deps) -> CatalogServiceClient<Channel> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = CatalogServiceServer::new(CatalogServer::new(deps));
    let server = Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(server);
    CatalogServiceClient::connect(format!("http://{address}")).await.unwrap()
}

/// A key of its own for each intent.
pub fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("catalog-test-key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn gbp(minor_units: i64) -> Option<Money> {
    Some(Money { currency_code: "GBP".to_owned(), minor_units })
}

pub fn upsert(code: &str, unit_price: Option<Money>) -> proto::SkuUpsert {
    proto::SkuUpsert {
        sku_code: code.to_owned(),
        display_name: format!("name of {code}"),
        unit_price,
        ..proto::SkuUpsert::default()
    }
}

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

pub fn bad_fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

pub fn nobody() -> String {
    MerchantId::mint(kernel::Timestamp::UNIX_EPOCH).to_string()
}

impl World {
    pub async fn merchant(&self, code: &str) -> String {
        let request = proto::CreateMerchantRequest {
            idempotency_key: key(),
            code: code.to_owned(),
            display_name: format!("Merchant {code}"),
        };
        let answer = self.client.clone().create_merchant(request).await.unwrap();
        answer.into_inner().merchant.unwrap().merchant_id
    }

    pub async fn upsert(
        &self,
        merchant_id: &str,
        skus: Vec<proto::SkuUpsert>,
    ) -> Result<Vec<proto::Sku>, Status> {
        let request =
            proto::UpsertSkusRequest { merchant_id: merchant_id.to_owned(), idempotency_key: key(), skus };
        self.client.clone().upsert_skus(request).await.map(|answer| answer.into_inner().skus)
    }

    /// One SKU without a price.
    pub async fn sku(&self, merchant_id: &str, code: &str) -> String {
        self.upsert(merchant_id, vec![upsert(code, None)]).await.unwrap().remove(0).sku_id
    }

    pub async fn set_price(
        &self,
        merchant_id: &str,
        sku_id: &str,
        unit_price: Option<Money>,
        start: Option<kernel::Timestamp>,
    ) -> Result<Response<proto::SetPriceResponse>, Status> {
        let request = proto::SetPriceRequest {
            merchant_id: merchant_id.to_owned(),
            idempotency_key: key(),
            sku_id: sku_id.to_owned(),
            unit_price,
            start_time: start.map(timestamp),
        };
        self.client.clone().set_price(request).await
    }

    pub async fn prices(&self, merchant_id: &str, sku_id: &str) -> Vec<proto::Price> {
        let request = proto::ListPricesRequest {
            merchant_id: merchant_id.to_owned(),
            sku_id: sku_id.to_owned(),
            page_size: 500,
            ..proto::ListPricesRequest::default()
        };
        self.client.clone().list_prices(request).await.unwrap().into_inner().prices
    }

    /// Rows of all of catalog's tables, and keys.
    pub async fn rows(&self) -> i64 {
        let sql = "SELECT (SELECT count(*) FROM catalog.merchants) + (SELECT count(*) FROM catalog.products)
            + (SELECT count(*) FROM catalog.skus) + (SELECT count(*) FROM catalog.sku_details)
            + (SELECT count(*) FROM catalog.prices) + (SELECT count(*) FROM platform.idempotency)";
        self.database.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

pub fn timestamp(at: kernel::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos: i32::try_from(at.nanosecond()).unwrap() }
}
