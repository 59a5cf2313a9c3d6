//! Bounds of captures.

use std::time::Duration;

use platform::group_commit;

/// Bounds of captures; the defaults are those of production.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Lanes and queue of TX1.
    pub begin: group_commit::Limits,
    /// Lanes and queue of TX2; its permits bound the captures in flight in this process.
    pub apply: group_commit::Limits,
    /// How long the provider may take. Shorter than the lease.
    pub call_max: Duration,
    /// For how long an operation belongs to whoever works on it.
    pub lease: Duration,
    /// After the lease, before the recovery worker looks: time for TX2.
    pub lease_margin: Duration,
    /// How long a repetition of a running call waits for its outcome, at most; half its deadline if that is less.
    pub wait_max: Duration,
    /// How often the recovery worker looks for what is due.
    pub recovery_interval: Duration,
    /// How many operations the recovery worker takes at once.
    pub recovery_batch: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            begin: group_commit::Limits::default(),
            apply: group_commit::Limits::default(),
            call_max: Duration::from_secs(20),
            lease: Duration::from_secs(30),
            lease_margin: Duration::from_secs(5),
            wait_max: Duration::from_secs(2),
            recovery_interval: Duration::from_secs(1),
            recovery_batch: 32,
        }
    }
}
