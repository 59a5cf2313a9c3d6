//! One test's own database.

use std::time::Duration;

use tokio_postgres::{Client, Config, NoTls};

use crate::environment;

/// How long dropping a database may take; it first ends every connection to it.
const DROP_TIMEOUT: Duration = Duration::from_secs(30);

/// A database cloned from the migrated template, dropped with this value: also when the test panics, unless
/// `PURSER_TEST_KEEP=1`.
#[derive(Debug)]
pub struct TestDatabase {
    admin_url: String,
    name: String,
}

impl TestDatabase {
    /// Clones the migrated template.
    ///
    /// # Panics
    /// Outside of a test run (`make test`), or when the server refuses.
    pub async fn new() -> Self {
        Self::clone_of(&environment::of_test_run(environment::TEMPLATE)).await
    }

    /// A database without any schema, for tests of the migrations themselves.
    ///
    /// # Panics
    /// As [`TestDatabase::new`].
    pub async fn empty() -> Self {
        Self::clone_of("template0").await
    }

    async fn clone_of(template: &str) -> Self {
        let admin_url = environment::of_test_run(environment::POSTGRES);
        let name = unique_name();
        // Measured on two busy cores, copying files is as fast as logging blocks (70 to 400 ms for 12 MB), but it forces
        // two checkpoints, which every other test pays for.
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY WAL_LOG");
        if let Err(error) = execute(&admin_url, &sql).await {
            panic!("could not clone {template} into {name}: {error:?}");
        }
        Self { admin_url, name }
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Connection URL, as superuser, for tokio-postgres, libpq and `DATABASE_URL`.
    pub fn url(&self) -> String {
        let (server, _) =
            self.admin_url.rsplit_once('/').expect("the address of a test run ends in /database");
        format!("{server}/{}", self.name)
    }

    /// A superuser's connection.
    ///
    /// # Panics
    /// When the server refuses it.
    pub async fn client(&self) -> Client {
        self.connect(self.config()).await
    }

    /// A connection that acts as `role` from its first statement, as a pool of the service does.
    ///
    /// # Panics
    /// When the server refuses it, for one because there is no such role.
    pub async fn client_as(&self, role: &str) -> Client {
        let mut config = self.config();
        config.options(format!("-c role={role}"));
        self.connect(config).await
    }

    fn config(&self) -> Config {
        self.url().parse().expect("the address of a test run is a connection URL")
    }

    async fn connect(&self, config: Config) -> Client {
        match config.connect(NoTls).await {
            Ok((client, connection)) => {
                // Ends with the client; an error in it reaches the client's next statement.
                tokio::spawn(connection);
                client
            }
            Err(error) => panic!("could not connect to {}: {error:?}", self.name),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() && environment::keep() {
            eprintln!("kept the database of this failed test: {}", self.url());
            return;
        }
        let (url, name) = (self.admin_url.clone(), self.name.clone());
        // A thread of its own: the test's runtime may be busy, single-threaded or already gone.
        let dropped = std::thread::spawn(move || drop_database(&url, &name)).join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("could not drop the test database {}: {dropped:?}", self.name);
        }
    }
}

fn drop_database(url: &str, name: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        tokio::time::timeout(DROP_TIMEOUT, execute(url, &sql)).await??;
        Ok(())
    })
}

/// Runs one statement on a connection of its own, which is closed when this returns.
pub(crate) async fn execute(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    let _ = connection.await;
    done
}

/// Starts with the test's name, so that a database that was kept tells whose it is.
fn unique_name() -> String {
    let test =
        std::thread::current().name().unwrap_or("test").rsplit("::").next().unwrap_or("test").to_lowercase();
    let plain: String =
        test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(30).collect();
    format!("t_{plain}_{}", uuid::Uuid::new_v4().simple()).chars().take(63).collect()
}
