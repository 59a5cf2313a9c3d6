//! What every provider adapter owes the payment context, held against the simulator and against broken peers.

mod broken_peer;
pub(crate) mod request;
mod simulator;
