//! A database and a provider, and serving processes on them.

use testkit::TestDatabase;

use super::process::{Serving, purser};
use super::provider::Provider;

/// Few, because many tests share one server.
const CONNECTIONS: [&str; 4] = ["--write-connections", "8", "--read-connections", "4"];

pub struct World {
    pub database: TestDatabase,
    pub provider: Provider,
}

impl World {
    pub async fn new() -> Self {
        Self { database: TestDatabase::new().await, provider: Provider::start().await }
    }

    /// A process with all services.
    pub async fn serve(&self) -> Serving {
        self.serve_with(&["--provider-url", &self.provider.url]).await
    }

    /// A process with these arguments, once it is ready.
    pub async fn serve_with(&self, arguments: &[&str]) -> Serving {
        Serving::start(self.command(arguments)).await.ready().await
    }

    /// The command line of such a process.
    pub fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = purser(["serve", "--metrics-listen", "127.0.0.1:0"]);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args(CONNECTIONS).args(arguments).env("DATABASE_URL", self.database.url());
        command
    }

    /// Everything adds up.
    pub async fn adds_up(&self) {
        let report = reconciliation::check::run(&self.database.url()).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}
