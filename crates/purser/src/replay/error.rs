//! Why a replay ends without a report. Each is one line for people.

use std::path::PathBuf;

use super::verdict::Refused;

/// Why a replay could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not the Online Retail file, or a row of it is wrong.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
    /// The address is no URL.
    #[error("{0:?} is no address: give a URL like http://127.0.0.1:50051")]
    Address(String),
    /// The service did not take a call for longer than the patience allows.
    #[error(
        "{url} did not answer {call} within {patience_s} s ({cause}); the same command continues where this one stopped"
    )]
    Unreachable {
        /// The service.
        url: String,
        /// The call.
        call: &'static str,
        /// How long it was tried, in seconds.
        patience_s: u64,
        /// The last answer.
        cause: String,
    },
    /// Something answers, but it is not Purser.
    #[error("{url} answers {call} with {cause}: that is no Purser service")]
    Foreign {
        /// The service.
        url: String,
        /// The call.
        call: &'static str,
        /// The answer.
        cause: String,
    },
    /// A call that everything else rests on was refused: merchant, SKUs, receipts, reading back.
    #[error("{call} was refused: {} ({})", refused.message, refused.reason)]
    Refused {
        /// The call.
        call: &'static str,
        /// The refusal.
        refused: Refused,
    },
    /// An answer lacks what the contract promises.
    #[error("the answer to {call} lacks {what}")]
    Incomplete {
        /// The call.
        call: &'static str,
        /// What is missing.
        what: &'static str,
    },
}
