//! The order's state machine, as one piece of data. Code, the CHECK constraints of the schema, the diagram in docs/ and
//! the tests are held against [`TRANSITIONS`].

use std::fmt;

use kernel::{Reason, Refusal};

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Placed; stock held, payment open.
    Pending,
    /// Paid, or nothing to pay; stock committed.
    Confirmed,
    /// The merchant works on it, or a part is shipped.
    Processing,
    /// Every line is shipped.
    Shipped,
    /// Arrived.
    Delivered,
    /// Ended before shipping.
    Cancelled,
    /// All captured money was given back after shipping.
    Refunded,
}

/// Every legal transition. There is no other, and none goes back.
pub const TRANSITIONS: &[(State, State)] = &[
    (State::Pending, State::Confirmed),
    (State::Pending, State::Cancelled),
    (State::Confirmed, State::Processing),
    (State::Confirmed, State::Shipped),
    (State::Confirmed, State::Cancelled),
    (State::Processing, State::Shipped),
    (State::Processing, State::Cancelled),
    (State::Shipped, State::Delivered),
    (State::Shipped, State::Refunded),
    (State::Delivered, State::Refunded),
];

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Confirmed,
        Self::Processing,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// The name, as stored and as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::Processing => "PROCESSING",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
            Self::Refunded => "REFUNDED",
        }
    }

    /// The state of that name; `None` for a name this build does not know.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// True when the merchant has to do something: the fulfilment queue.
    #[must_use]
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Confirmed | Self::Processing)
    }

    /// The states that may follow.
    pub fn allowed(self) -> impl Iterator<Item = Self> {
        TRANSITIONS.iter().filter(move |(from, _)| *from == self).map(|(_, to)| *to)
    }

    /// Checks a transition.
    ///
    /// # Errors
    /// [`Reason::IllegalTransition`], naming the state, the wanted one and what is allowed.
    pub fn check(self, to: Self) -> Result<(), Refusal> {
        if TRANSITIONS.contains(&(self, to)) {
            return Ok(());
        }
        Err(self.illegal(to))
    }

    /// The refusal of a transition from here.
    #[must_use]
    pub fn illegal(self, to: Self) -> Refusal {
        let allowed: Vec<&str> = self.allowed().map(Self::as_str).collect();
        Refusal::new(Reason::IllegalTransition, format!("an order that is {self} cannot become {to}"))
            .with("from", self)
            .with("to", to)
            .with("allowed", allowed.join(","))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_legal_exactly_when_the_table_says_so() {
        for from in State::ALL {
            for to in State::ALL {
                let checked = from.check(to);
                assert_eq!(checked.is_ok(), TRANSITIONS.contains(&(from, to)), "{from} -> {to}");
                if let Err(refusal) = checked {
                    assert_eq!(refusal.reason, Reason::IllegalTransition);
                    assert_eq!(refusal.metadata["from"], from.as_str());
                    assert_eq!(refusal.metadata["to"], to.as_str());
                }
            }
        }
    }

    #[test]
    fn no_transition_leads_back() {
        fn reaches(from: State, to: State) -> bool {
            from.allowed().any(|next| next == to || reaches(next, to))
        }
        for state in State::ALL {
            assert!(!reaches(state, state), "{state} comes back");
        }
    }

    fn sorted(mut texts: Vec<String>) -> Vec<String> {
        texts.sort();
        texts
    }

    #[test]
    fn the_diagram_in_the_docs_shows_exactly_these_transitions() {
        let page = include_str!("../../../../docs/STATE_MACHINES.md");
        let order = page.split("\n## ").find(|section| section.starts_with("Order\n")).unwrap();
        let arrow = |line: &str| {
            let (from, rest) = line.trim().split_once(" --> ")?;
            (from != "[*]" && !rest.contains("[*]")).then(|| {
                let to = rest.split(':').next().unwrap_or_default().trim();
                format!("{from} --> {to}")
            })
        };
        let shown = sorted(order.lines().filter_map(arrow).collect());
        let wanted = TRANSITIONS.iter().map(|(from, to)| format!("{from:?} --> {to:?}")).collect();
        assert_eq!(shown, sorted(wanted));
    }

    #[test]
    fn the_database_accepts_exactly_these_transitions_into_history() {
        let migration = include_str!("../../../../migrations/orders/V1__orders.sql");
        let (_, check) = migration.split_once("(from_state, to_state) IN (").unwrap();
        let (pairs, _) = check.split_once("))").unwrap();
        let names: Vec<&str> = pairs.split('\'').skip(1).step_by(2).collect();
        let accepted = sorted(names.chunks(2).map(|pair| pair.join(" --> ")).collect());
        let wanted = TRANSITIONS.iter().map(|(from, to)| format!("{from} --> {to}")).collect();
        assert_eq!(accepted, sorted(wanted));
    }
}
