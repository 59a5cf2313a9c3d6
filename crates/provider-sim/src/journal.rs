//! The journal: an append-only file of JSON lines, on disk before any caller is answered.
//!
//! One thread writes. It takes whatever is queued, writes it with one sync, enters it into the book and answers all
//! of it: requests that come together share a sync, and the book's order is the file's order.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::book::{Book, locked};
use crate::record::Record;
use crate::sim::SimError;

const QUEUE: usize = 1_024;

/// Opens a journal, takes it for this process alone and hands every record in it to `apply`.
pub(crate) fn open(path: PathBuf, mut apply: impl FnMut(Record)) -> Result<File, SimError> {
    let failed = |source| SimError::Open { path: path.clone(), source };
    let is_new = !path.exists();
    let file = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(SimError::InUse { path }),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    if is_new {
        sync_directory(&path).map_err(failed)?;
    }
    let mut lines = BufReader::new(&file);
    let (mut line, mut kept, mut text) = (0, 0_u64, Vec::new());
    while lines.read_until(b'\n', &mut text).map_err(failed)? > 0 {
        line += 1;
        if !text.ends_with(b"\n") {
            tracing::warn!(journal = %path.display(), line, bytes = text.len(), "cut off a torn last line");
            file.set_len(kept).and_then(|()| file.sync_all()).map_err(failed)?;
            break;
        }
        let damaged = |error: serde_json::Error| {
            let reason = error.to_string();
            SimError::Damaged { path: path.clone(), line, reason }
        };
        apply(serde_json::from_slice(&text).map_err(damaged)?);
        kept += text.len() as u64;
        text.clear();
    }
    Ok(file)
}

/// A new file is durable only once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent =
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(parent)?.sync_all()
}

/// The record may or may not be on disk: the caller has to answer that it does not know.
#[derive(Debug)]
pub(crate) struct NotWritten;

type Entry = (Record, oneshot::Sender<()>);

pub(crate) struct Journal(Mutex<Option<Writer>>);

struct Writer {
    queue: mpsc::Sender<Entry>,
    thread: JoinHandle<()>,
}

impl Journal {
    /// Starts the writer. Without a file, records go into the book only.
    pub(crate) fn start(file: Option<File>, book: Arc<Mutex<Book>>) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE);
        let thread = std::thread::spawn(move || write_all(file, entries, &book));
        Self(Mutex::new(Some(Writer { queue, thread })))
    }

    /// Returns once the record is on disk and in the book.
    pub(crate) async fn append(&self, record: Record) -> Result<(), NotWritten> {
        let queue = locked(&self.0).as_ref().map(|writer| writer.queue.clone()).ok_or(NotWritten)?;
        let (written, done) = oneshot::channel();
        queue.send((record, written)).await.map_err(|_| NotWritten)?;
        drop(queue);
        done.await.map_err(|_| NotWritten)
    }

    /// Writes what is queued and frees the file.
    pub(crate) fn close(&self) {
        let writer = locked(&self.0).take();
        if let Some(Writer { queue, thread }) = writer {
            drop(queue);
            // A writer that panicked has answered nobody since; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn write_all(mut file: Option<File>, mut entries: mpsc::Receiver<Entry>, book: &Mutex<Book>) {
    let mut batch = Vec::new();
    while entries.blocking_recv_many(&mut batch, QUEUE) > 0 {
        if let Err(error) = write(file.as_mut(), &batch) {
            // After a failed sync nobody knows what the disk holds. Every later append is refused, and the next start
            // reads what is there.
            tracing::error!(%error, "cannot write the provider's journal; nothing is accepted until it is reopened");
            return;
        }
        let mut book = locked(book);
        let answers: Vec<_> = batch
            .drain(..)
            .map(|(record, written)| {
                book.apply(record);
                written
            })
            .collect();
        drop(book);
        for written in answers {
            let _ = written.send(());
        }
    }
}

fn write(file: Option<&mut File>, batch: &[Entry]) -> io::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let mut lines = Vec::new();
    for (record, _) in batch {
        serde_json::to_writer(&mut lines, record)?;
        lines.push(b'\n');
    }
    file.write_all(&lines)?;
    file.sync_data()
}
