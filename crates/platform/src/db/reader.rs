//! Reads: one prepared statement, one round trip, no transaction.

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::DbError;
use crate::sql::Sql;

/// A connection for reads. Dropping it in the middle of a statement (a caller that hung up) closes the connection, so
/// that no later reader waits behind an abandoned statement.
pub struct Reader {
    client: Option<Object>,
}

struct Abandoned<'a>(&'a mut Option<Object>, bool);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if !self.1
            && let Some(client) = self.0.take()
        {
            drop(Object::take(client));
        }
    }
}

impl Reader {
    pub(super) const fn new(client: Object) -> Self {
        Self { client: Some(client) }
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// [`DbError::Statement`].
    pub async fn query(&mut self, sql: &Sql, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, DbError> {
        let failed = |source| DbError::Statement { statement: sql.name, source };
        let mut guard = Abandoned(&mut self.client, false);
        let Some(client) = guard.0.as_ref() else {
            return Err(DbError::Changed("the connection"));
        };
        let statement = client.prepare_cached(sql.text).await.map_err(failed)?;
        let rows = client.query(&statement, params).await.map_err(failed);
        guard.1 = true;
        rows
    }

    /// The one row of a statement, if there is one.
    ///
    /// # Errors
    /// [`DbError::Statement`].
    pub async fn query_opt(
        &mut self,
        sql: &Sql,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }
}
