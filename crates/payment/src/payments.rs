//! Payments of one process: the lanes of both transactions, the provider, and the work under way.

use std::sync::Arc;

use kernel::id::PaymentId;
use kernel::refusal::Violation;
use kernel::{Clock, MerchantId, Reason, Refusal};
use platform::db::Database;
use platform::group_commit::{Deadline, GroupCommit};
use platform::grpc::layers::deadline;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::commands::capture::apply::ApplyOutcome;
use crate::commands::capture::begin::BeginCapture;
use crate::commands::capture::running::Running;
use crate::commands::capture::{Answer, CaptureRequest, Limits, carry_out};
use crate::domain::{Payment, method_token, refusals};
use crate::orders::Orders;
use crate::provider::Provider;
use crate::queries;
use crate::store::leases;

/// What payments are put together from.
pub struct Deps {
    /// The database.
    pub database: Database,
    /// The clock.
    pub clock: Arc<Clock>,
    /// The orders that payments belong to.
    pub orders: Arc<dyn Orders>,
    /// Who moves the money.
    pub provider: Arc<dyn Provider>,
    /// Bounds.
    pub limits: Limits,
}

/// Payments; clones share everything.
#[derive(Clone)]
pub struct Payments(pub(crate) Arc<Shared>);

/// What all captures of a process share.
pub(crate) struct Shared {
    pub database: Database,
    pub clock: Arc<Clock>,
    pub provider: Arc<dyn Provider>,
    pub limits: Limits,
    pub begin: GroupCommit<BeginCapture>,
    pub apply: GroupCommit<ApplyOutcome>,
    pub running: Running,
    pub tasks: TaskTracker,
}

impl Payments {
    /// Starts the lanes.
    #[must_use]
    pub fn start(deps: Deps) -> Self {
        let Deps { database, clock, orders, provider, limits } = deps;
        let begin = BeginCapture::new(Arc::clone(&orders), limits);
        let apply = ApplyOutcome::new(orders, provider.name());
        Self(Arc::new(Shared {
            begin: GroupCommit::start(begin, database.clone(), Arc::clone(&clock), limits.begin),
            apply: GroupCommit::start(apply, database.clone(), Arc::clone(&clock), limits.apply),
            database,
            clock,
            provider,
            limits,
            running: Running::default(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Captures what is open of a payment. A caller who stops waiting stops nothing: the same key finds the outcome.
    ///
    /// # Errors
    /// Every reason of `CapturePayment` in the contract; `DEADLINE_EXCEEDED` when the outcome was not known in time.
    pub async fn capture(&self, request: CaptureRequest, until: Deadline) -> Answer {
        check_token(&request.method_token)?;
        let payment_id = request.payment_id;
        // The place of the outcome is reserved before anything begins: an outcome is never refused for want of room.
        let permit = self.0.apply.reserve()?;
        let shared = Arc::clone(&self.0);
        let work = async move { carry_out::capture(&shared, request, permit, until).await };
        let task = self.0.tasks.spawn(work.in_current_span());
        let ended = match until {
            None => task.await,
            Some(until) => match tokio::time::timeout_at(until, task).await {
                Ok(ended) => ended,
                Err(_) => return Err(deadline::exceeded()),
            },
        };
        ended.unwrap_or_else(|error| {
            tracing::error!(payment = %payment_id, error = %error, "a capture was torn");
            Err(refusals::torn(payment_id))
        })
    }

    /// A payment with its operations.
    ///
    /// # Errors
    /// [`Reason::PaymentNotFound`], or the database's trouble.
    pub async fn get(&self, merchant: MerchantId, payment: PaymentId) -> Result<Payment, Refusal> {
        let mut reader = self.0.database.read().await?;
        queries::get_payment(&mut reader, merchant, payment).await
    }

    /// The provider's name, as payments store it.
    #[must_use]
    pub fn provider_name(&self) -> &'static str {
        self.0.provider.name()
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// Begins nothing more, waits until every capture under way has its outcome written down, and ends the lanes.
    pub async fn drain(&self) {
        self.0.begin.drain().await;
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.apply.drain().await;
    }
}

impl Shared {
    /// The times of a lease that is taken now.
    pub fn lease_from_now(&self) -> leases::Times {
        let now = self.clock.now();
        let until = now + self.limits.lease;
        leases::Times { now, until, next_check_at: until + self.limits.lease_margin }
    }
}

fn check_token(text: &str) -> Result<(), Refusal> {
    let Some(description) = method_token::violation(text) else { return Ok(()) };
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("method_token {description}"));
    let violation = Violation { field: "method_token".to_owned(), description: description.to_owned() };
    refusal.violations.push(violation);
    Err(refusal)
}
