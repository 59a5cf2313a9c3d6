//! The write transaction: pipelined statements, one global lock order, and row counts that are read before COMMIT.

use std::sync::atomic::{AtomicU8, Ordering};

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::DbError;
use crate::fault;
use crate::sql::Sql;

/// The one lock order of the house. Rows that others can already see are locked class by class, downwards, and inside
/// a class sorted by primary key; rows that this transaction inserts are outside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum LockClass {
    /// Idempotency keys.
    Keys = 1,
    /// Other unique claims: client references, tracking numbers, provider references.
    Claims,
    /// Attributes of SKUs, under which their prices change too.
    Skus,
    /// Orders.
    Orders,
    /// Payments.
    Payments,
    /// Operations, with their leases.
    Operations,
    /// Stock rows.
    Stock,
    /// Holds.
    Holds,
}

const CLASSES: [LockClass; 8] = [
    LockClass::Keys,
    LockClass::Claims,
    LockClass::Skus,
    LockClass::Orders,
    LockClass::Payments,
    LockClass::Operations,
    LockClass::Stock,
    LockClass::Holds,
];

/// What a transaction does about a row that another one has locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Locking {
    /// Waits for the lane's short time-out.
    Wait,
    /// Leaves it out, so that everything else can commit; its commands go to the slow lane.
    Skip,
    /// Waits for the slow lane's long time-out.
    WaitLong,
}

/// One write transaction. It must end in [`Tx::commit`] or [`Tx::rollback`]; dropped before, its connection is closed,
/// which rolls it back.
pub struct Tx {
    client: Option<Object>,
    locking: Locking,
    reached: AtomicU8,
}

const COMMIT: Sql = Sql { name: "commit", text: "COMMIT" };

impl Tx {
    /// A transaction on `client`, not begun yet: poll [`Tx::begin`] before, or together with and ahead of, the first
    /// statement.
    #[must_use]
    pub const fn new(client: Object, locking: Locking) -> Self {
        Self { client: Some(client), locking, reached: AtomicU8::new(0) }
    }

    fn client(&self) -> Result<&Object, DbError> {
        self.client.as_ref().ok_or(DbError::Changed("the connection"))
    }

    /// What is done about locked rows.
    #[must_use]
    pub const fn locking(&self) -> Locking {
        self.locking
    }

    /// Prepares statements on this connection, so that the first use of one does not break up a pipeline.
    ///
    /// # Errors
    /// [`DbError::Statement`].
    pub async fn prepare(&self, statements: &[&'static Sql]) -> Result<(), DbError> {
        let client = self.client()?;
        for sql in statements {
            let failed = |source| DbError::Statement { statement: sql.name, source };
            client.prepare_cached(sql.text).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Begins.
    ///
    /// # Errors
    /// [`DbError::Statement`].
    pub async fn begin(&self) -> Result<(), DbError> {
        let begin = match self.locking {
            Locking::Wait | Locking::Skip => "BEGIN",
            Locking::WaitLong => "BEGIN; SET LOCAL lock_timeout = '2s'",
        };
        self.batch("begin", begin).await
    }

    async fn batch(&self, name: &'static str, text: &str) -> Result<(), DbError> {
        self.client()?
            .batch_execute(text)
            .await
            .map_err(|source| DbError::Statement { statement: name, source })
    }

    /// Runs a reading statement, or one whose rows are looked at by the caller.
    ///
    /// # Errors
    /// [`DbError::Statement`].
    pub async fn query(
        &self,
        sql: &'static Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        let failed = |source| DbError::Statement { statement: sql.name, source };
        let client = self.client()?;
        // Boxed: a batch joins dozens of statements, whose futures would add up to tens of kilobytes.
        let statement = Box::pin(client.prepare_cached(sql.text)).await.map_err(failed)?;
        if fault::at_statement("zero_rows", sql.name) {
            return Ok(Vec::new());
        }
        Box::pin(client.query(&statement, params)).await.map_err(failed)
    }

    /// Runs a statement that locks rows of `class`.
    ///
    /// # Errors
    /// [`DbError::LockOrder`] when a later class was reached before, otherwise as [`Tx::query`].
    pub async fn lock(
        &self,
        class: LockClass,
        sql: &'static Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        self.reach(class, sql.name)?;
        self.query(sql, params).await
    }

    /// Records that rows of `class` are about to be locked.
    ///
    /// # Errors
    /// [`DbError::LockOrder`] when a later class was reached before.
    pub fn reach(&self, class: LockClass, statement: &'static str) -> Result<(), DbError> {
        let before = self.reached.fetch_max(class as u8, Ordering::Relaxed);
        match CLASSES.into_iter().find(|held| *held as u8 == before) {
            Some(held) if held > class => Err(DbError::LockOrder { statement, asked: class, held }),
            _ => Ok(()),
        }
    }

    /// Runs a writing statement that must touch exactly `expected` rows. With nothing to write it is not sent.
    ///
    /// # Errors
    /// [`DbError::RowCount`] when another number of rows was touched, otherwise [`DbError::Statement`].
    pub async fn write(
        &self,
        sql: &'static Sql,
        params: &[&(dyn ToSql + Sync)],
        expected: usize,
    ) -> Result<(), DbError> {
        if expected == 0 {
            return Ok(());
        }
        let failed = |source| DbError::Statement { statement: sql.name, source };
        let client = self.client()?;
        let statement = Box::pin(client.prepare_cached(sql.text)).await.map_err(failed)?;
        let actual = if fault::at_statement("zero_rows", sql.name) {
            0
        } else {
            Box::pin(client.execute(&statement, params)).await.map_err(failed)?
        };
        let expected = expected as u64;
        if actual != expected {
            return Err(DbError::RowCount { statement: sql.name, expected, actual });
        }
        Ok(())
    }

    /// Runs `text` between savepoints, so that its failure leaves the transaction alive. For the search for a locked
    /// key only; hot paths use none.
    ///
    /// # Errors
    /// As [`Tx::query`]; after an error the transaction stands where it stood before.
    pub async fn attempt(
        &self,
        sql: &'static Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DbError> {
        self.batch("savepoint", "SAVEPOINT attempt; SET LOCAL lock_timeout = '20ms'").await?;
        match self.query(sql, params).await {
            Ok(rows) => {
                self.batch("release", "RELEASE SAVEPOINT attempt").await?;
                Ok(rows)
            }
            Err(error) => {
                self.batch("rollback_to", "ROLLBACK TO SAVEPOINT attempt").await?;
                Err(error)
            }
        }
    }

    /// Commits. Only to be called after the result of every statement was read and found right.
    ///
    /// # Errors
    /// [`DbError::Statement`]; a lost connection means that it is not known whether the commit happened.
    pub async fn commit(mut self) -> Result<(), DbError> {
        if fault::at_statement("lost_before", COMMIT.name) {
            return Err(DbError::Changed("a test's connection"));
        }
        self.batch(COMMIT.name, COMMIT.text).await?;
        if fault::at_statement("lost_after", COMMIT.name) {
            // The reply is lost: the transaction happened and nobody knows.
            return Err(DbError::Changed("a test's connection"));
        }
        // Back to the pool.
        drop(self.client.take());
        Ok(())
    }

    /// Rolls back and returns the connection to the pool.
    pub async fn rollback(mut self) {
        if self.batch("rollback", "ROLLBACK").await.is_ok() {
            drop(self.client.take());
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // In the middle of a transaction: ask the backend to stop what it does, and never give the connection to
            // anybody else.
            let cancel = client.cancel_token();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move { cancel.cancel_query(tokio_postgres::NoTls).await });
            }
            drop(Object::take(client));
        }
    }
}
