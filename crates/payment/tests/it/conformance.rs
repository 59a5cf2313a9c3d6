//! The conformance suite over the context itself, with the scripted provider and with the real adapter.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::id::PaymentId;
use kernel::{Clock, MerchantId};
use payment::Payments;
use payment::capture::{CaptureRequest, Limits};
use payment::conformance::{self, Bench, Call, CapturePort, OpenPayment, Refused, Seen};

use provider_sim::{Config, Fault, Sim};
use tokio::net::TcpListener;

use crate::provider::request::stripe;
use crate::support::provider::{Step, ambiguous};
use crate::support::{AMOUNT, World, start};

struct InProcess(Payments);

impl CapturePort for InProcess {
    fn capture(&self, call: Call) -> BoxFuture<'_, Result<Seen, Refused>> {
        async move {
            let Call { merchant_id, key, payment_id, method_token } = call;
            let actor = "system:conformance".to_owned();
            let request = CaptureRequest { merchant_id, key, payment_id, method_token, actor };
            match self.0.capture(request, None).await {
                Ok(captured) => Ok(Seen {
                    payment_id: captured.payment.payment_id,
                    captured: captured.payment.captured,
                    operation_id: captured.operation_id,
                    replayed: captured.replayed,
                }),
                Err(refusal) => Err(Refused { reason: refusal.reason, replayed: refusal.replayed }),
            }
        }
        .boxed()
    }
}

impl Bench for World {
    fn open_payment(&self) -> BoxFuture<'_, OpenPayment> {
        async move {
            let opened = self.open(self.merchant()).await;
            OpenPayment { merchant_id: opened.merchant, payment_id: opened.payment, open: AMOUNT }
        }
        .boxed()
    }

    fn other_merchant(&self) -> BoxFuture<'_, MerchantId> {
        futures::future::ready(self.merchant()).boxed()
    }

    fn good_token(&self) -> String {
        "pm_card_visa".to_owned()
    }

    fn declined_token(&self) -> String {
        "pm_card_declined".to_owned()
    }

    fn lose_next_answer(&self) -> BoxFuture<'_, ()> {
        self.provider.next(Step::MoveThen(ambiguous()));
        futures::future::ready(()).boxed()
    }

    fn moved(&self, payment: PaymentId) -> BoxFuture<'_, i64> {
        futures::future::ready(self.provider.moved(payment)).boxed()
    }
}

#[tokio::test]
async fn captures_in_process_conform() {
    let world = World::new().await;
    conformance::all(&InProcess(world.payments.clone()), &world).await;
}

/// The same world, with the simulator behind the real adapter.
struct Simulated {
    world: World,
    sim: Sim,
}

impl Bench for Simulated {
    fn open_payment(&self) -> BoxFuture<'_, OpenPayment> {
        self.world.open_payment()
    }

    fn other_merchant(&self) -> BoxFuture<'_, MerchantId> {
        self.world.other_merchant()
    }

    fn good_token(&self) -> String {
        "pm_card_visa".to_owned()
    }

    fn declined_token(&self) -> String {
        "pm_card_chargeDeclined".to_owned()
    }

    fn lose_next_answer(&self) -> BoxFuture<'_, ()> {
        self.sim.faults().push(Fault::DropReplyAfterCommit);
        futures::future::ready(()).boxed()
    }

    fn moved(&self, payment: PaymentId) -> BoxFuture<'_, i64> {
        let id = payment.to_string();
        let of_payment = |charge: &&provider_sim::Charge| charge.metadata.get("payment_id") == Some(&id);
        let moved = self.sim.charges().iter().filter(of_payment).map(|charge| charge.amount).sum();
        futures::future::ready(moved).boxed()
    }
}

#[tokio::test]
async fn captures_through_the_real_adapter_conform() {
    let sim = Sim::open(Config { journal: None, clock: Arc::new(Clock::default()) }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let adapter = stripe(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(sim.serve(listener, std::future::pending()));
    let world = World::new().await;
    let payments = start(&world.database, &world.clock, Arc::new(adapter), Limits::default());
    conformance::all(&InProcess(payments), &Simulated { world, sim }).await;
}
