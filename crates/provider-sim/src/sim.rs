//! The provider as a whole: opened over its journal, served on a listener, asked by tests.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::Clock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::book::{Book, Charge, locked};
use crate::fault::Faults;
use crate::http;
use crate::journal::{self, Journal};
use crate::link::{Link, LinkListener};

/// How long connections may linger after the shutdown signal before they are abandoned.
const GRACE: Duration = Duration::from_secs(5);

/// What a simulator needs.
#[derive(Debug)]
pub struct Config {
    /// The journal file, made when missing. `None` keeps everything in memory only.
    pub journal: Option<PathBuf>,
    /// Tells the time that `created` shows and the 24 hours of a key are counted by.
    pub clock: Arc<Clock>,
}

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The journal cannot be read or written.
    #[error("cannot open the provider's journal {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another simulator writes this journal.
    #[error("the provider's journal {path} is in use by another simulator")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A complete line of the journal is no record. Nothing is guessed: the line says what money moved.
    #[error("the provider's journal {path} is damaged in line {line}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// A running provider. Clones are handles to the same one.
#[derive(Clone)]
pub struct Sim(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) book: Arc<Mutex<Book>>,
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Faults,
}

impl Sim {
    /// Reads the journal again and stands ready to serve. A last line torn by a crash is cut off with a warning: its
    /// request was never answered.
    ///
    /// # Errors
    /// See [`SimError`].
    pub fn open(config: Config) -> Result<Self, SimError> {
        let mut book = Book::default();
        let file = match config.journal {
            Some(path) => Some(journal::open(path, |record| book.apply(record))?),
            None => None,
        };
        let book = Arc::new(Mutex::new(book));
        let journal = Journal::start(file, Arc::clone(&book));
        let parts = Parts { book, journal, clock: config.clock, faults: Faults::default() };
        Ok(Self(Arc::new(parts)))
    }

    /// Serves until `shutdown` resolves, then lets running requests end (held replies are released), for at most five
    /// seconds. The future is independent of this handle and may be spawned.
    pub fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let parts = Arc::clone(&self.0);
        async move {
            let (stopping, stopped) = oneshot::channel::<()>();
            let app = http::router(Arc::clone(&parts)).into_make_service_with_connect_info::<Link>();
            let stop = async move {
                shutdown.await;
                parts.faults.release_held();
                drop(stopping);
            };
            let server = axum::serve(LinkListener(listener), app).with_graceful_shutdown(stop);
            let overdue = async {
                let _ = stopped.await;
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                result = server => result,
                () = overdue => Ok(()),
            }
        }
    }

    /// What money really moved, oldest first.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        locked(&self.0.book).charges()
    }

    /// The faults that the next requests will meet.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Stops writing and frees the journal for another simulator; from now on this one answers 500. Dropping the last
    /// handle does the same, but connections hold handles too.
    pub fn close(&self) {
        self.0.journal.close();
    }
}
