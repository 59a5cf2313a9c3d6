//! The order context as one thing: its lanes, its way to payments, and what it stands on.

use std::sync::Arc;

use kernel::{Clock, PageTokens};
use platform::db::Database;
use platform::group_commit::{GroupCommit, Limits};

use crate::commands::place_order::PlaceOrders;
use crate::commands::transition::Transitions;
use crate::payments::Payments;

/// What the order context stands on.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub database: Database,
    /// The clock.
    pub clock: Arc<Clock>,
    /// Seals page tokens.
    pub page_tokens: PageTokens,
    /// The payment service.
    pub payments: Arc<dyn Payments>,
    /// Name of the provider that new payments are opened with.
    pub provider: &'static str,
    /// True when callers may state prices, tax, shipping and discount.
    pub trust_callers: bool,
    /// Bounds of the lanes.
    pub limits: Limits,
}

/// The order context. Clones share everything.
#[derive(Clone)]
pub struct Orders {
    /// Places orders.
    pub place: GroupCommit<PlaceOrders>,
    /// Changes their states.
    pub transitions: GroupCommit<Transitions>,
    /// What it stands on.
    pub deps: Deps,
}

impl Orders {
    /// Starts the lanes.
    #[must_use]
    pub fn start(deps: Deps) -> Self {
        let (database, clock) = (deps.database.clone(), Arc::clone(&deps.clock));
        let place = PlaceOrders { provider: deps.provider };
        Self {
            place: GroupCommit::start(place, database.clone(), Arc::clone(&clock), deps.limits),
            transitions: GroupCommit::start(Transitions, database, clock, deps.limits),
            deps,
        }
    }

    /// Takes no more commands and waits until every accepted one is answered.
    pub async fn drain(&self) {
        self.place.drain().await;
        self.transitions.drain().await;
    }
}
