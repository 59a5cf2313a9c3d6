//! The database that every test's own is cloned from.

use platform::embedded::EmbeddedPostgres;
use tokio_postgres::NoTls;

use crate::database;
use crate::runner::RunError;

/// Its name.
pub(crate) const NAME: &str = "purser_template";

/// Creates it, brings its schema up to date, and closes it to connections: a database in use cannot be cloned.
pub(crate) async fn build(server: &EmbeddedPostgres) -> Result<(), RunError> {
    server.create_database_if_missing(NAME).await?;
    let open = format!("ALTER DATABASE {NAME} WITH ALLOW_CONNECTIONS true");
    database::execute(&server.url("postgres"), &open).await?;
    let (mut client, connection) = tokio_postgres::connect(&server.url(NAME), NoTls).await?;
    let connection = tokio::spawn(connection);
    migrate(&mut client).await?;
    drop(client);
    // The connection ends when it has said goodbye to the server.
    let _ = connection.await;
    let close = format!("ALTER DATABASE {NAME} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true");
    Ok(database::execute(&server.url("postgres"), &close).await?)
}

async fn migrate(client: &mut tokio_postgres::Client) -> Result<(), RunError> {
    // The refusal of a migration stands in the chain of causes, not in the outermost message.
    let chain = |error: platform::migrate::MigrateError| {
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        RunError::Migrate(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    };
    platform::migrate::run(client).await.map(drop).map_err(chain)
}
