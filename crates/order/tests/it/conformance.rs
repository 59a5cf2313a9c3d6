//! The two ways from orders to payments owe their callers the same: in this process, and through the generated client.

use std::sync::Arc;

use contract::purser::payment::v1::payment_service_server::PaymentServiceServer;
use futures::FutureExt;
use futures::future::{self, BoxFuture};
use kernel::id::PaymentId;
use kernel::{MerchantId, PageTokens};
use order::payments::{Capture, InProcess, Payments, Remote};
use payment::conformance::{self, Bench, Call, CapturePort, OpenPayment, Refused, Seen};
use payment::grpc::PaymentServer;
use platform::grpc::client;
use provider_sim::Fault;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::support::{ACTOR, PRICE, World, world};

/// The port of orders, with what is captured read behind its back: orders are told of success alone.
struct OverOrders<'a> {
    port: Arc<dyn Payments>,
    world: &'a World,
}

impl CapturePort for OverOrders<'_> {
    fn capture(&self, call: Call) -> BoxFuture<'_, Result<Seen, Refused>> {
        async move {
            let Call { merchant_id, key, payment_id, method_token } = call;
            let capture = Capture { merchant_id, key, payment_id, method_token, actor: ACTOR.to_owned() };
            match self.port.capture(capture, None).await {
                Ok(captured) => {
                    let sql = "SELECT captured FROM payments.payments WHERE id = $1";
                    let row = self.world.admin.query_one(sql, &[&payment_id.uuid()]).await.unwrap();
                    let (operation_id, replayed) = (captured.operation_id, captured.replayed);
                    Ok(Seen { payment_id, captured: row.get(0), operation_id, replayed })
                }
                Err(refusal) => Err(Refused { reason: refusal.reason, replayed: refusal.replayed }),
            }
        }
        .boxed()
    }
}

impl Bench for World {
    fn open_payment(&self) -> BoxFuture<'_, OpenPayment> {
        async move {
            let order = self.place(&[(0, 1)]).await.order_id;
            let sql = "SELECT id FROM payments.payments WHERE order_id = $1";
            let id = self.admin.query_one(sql, &[&order.uuid()]).await.unwrap().get(0);
            OpenPayment { merchant_id: self.merchant, payment_id: PaymentId::from_uuid(id), open: PRICE }
        }
        .boxed()
    }

    fn other_merchant(&self) -> BoxFuture<'_, MerchantId> {
        self.new_merchant().boxed()
    }

    fn good_token(&self) -> String {
        "pm_card_visa".to_owned()
    }

    fn declined_token(&self) -> String {
        "pm_card_chargeDeclined".to_owned()
    }

    fn lose_next_answer(&self) -> BoxFuture<'_, ()> {
        self.provider.faults().push(Fault::DropReplyAfterCommit);
        future::ready(()).boxed()
    }

    fn moved(&self, payment: PaymentId) -> BoxFuture<'_, i64> {
        let of_payment = |charge: &provider_sim::Charge| charge.metadata["payment_id"] == payment.to_string();
        let moved =
            self.provider.charges().iter().filter(|charge| of_payment(charge)).map(|c| c.amount).sum();
        future::ready(moved).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_in_this_process_conform() {
    let world = world().await;
    world.receive(0, 100).await;
    let port = Arc::new(InProcess(world.payments.clone()));
    conformance::all(&OverOrders { port, world: &world }, &world).await;
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_through_the_generated_client_conform() {
    let world = world().await;
    world.receive(0, 100).await;
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", incoming.local_addr().unwrap());
    let service = PaymentServer::new(world.payments.clone(), PageTokens::new(b"a key of the tests"));
    tokio::spawn(
        Server::builder().add_service(PaymentServiceServer::new(service)).serve_with_incoming(incoming),
    );
    let port = Arc::new(Remote::new(client::connect(&url).unwrap()));
    conformance::all(&OverOrders { port, world: &world }, &world).await;
    world.assert_sound().await;
}
