//! The command line: what can be said, and how a mistake is answered.
//!
//! Flags and environment variables are read here and nowhere else; a flag wins over its variable, both win over the
//! file, and that over the default ([`crate::config`]).
#![allow(missing_docs, reason = "the help text is the documentation; groups have theirs at their own place")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::replay;

pub mod mistake;
pub mod options;
pub mod values;

use options::{DataDir, DatabaseOptions, Providers, Serving, TelemetryOptions};

/// Orders, stock and payments that are counted once, whatever fails.
///
/// Purser is a gRPC service on Postgres: catalogue, inventory, orders and payments. `purser up` starts all of it at once,
/// with a Postgres of its own; `purser serve` runs services on a database that you run.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, after_long_help = HELP)]
pub struct Cli {
    /// Settings file (TOML); what flags and environment say wins over it
    #[arg(long, global = true, value_name = "FILE", env = "PURSER_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
    #[command(subcommand)]
    pub command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process, with a private Postgres
    ///
    /// Keeps its data in --data-dir, starts a Postgres there (as user `postgres` when started by root), brings its schema
    /// up to date, starts a simulated payment provider, and serves until Ctrl-C or SIGTERM. Callers are trusted: they
    /// may state prices. There is no authentication: keep it on loopback.
    #[command(after_long_help = UP_HELP)]
    Up {
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        data: DataDir,
    },
    /// Serve on a database that you run
    ///
    /// Starts no Postgres and migrates nothing: until `purser migrate` has brought the schema up to date, its health is
    /// NOT_SERVING. Any number of processes may serve on one database.
    #[command(after_long_help = SERVE_HELP)]
    Serve {
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(flatten)]
        providers: Providers,
    },
    /// Bring a database's schema up to date
    ///
    /// Applies what is missing and makes the coming months' partitions. Safe to run at any time and from several places
    /// at once. The role needs to be the owner of the database.
    Migrate {
        #[command(flatten)]
        database: DatabaseOptions,
    },
    /// Drive a running Purser with the orders of a real retailer
    ///
    /// Reads the Online Retail file (UCI): every purchase invoice becomes an order that is placed, paid, shipped and
    /// delivered through the public API. Interrupted and started again, it continues and duplicates nothing.
    #[command(after_long_help = REPLAY_HELP)]
    Replay(replay::Args),
    /// Check that everything in the database adds up
    ///
    /// Runs every invariant in one read-only snapshot. Exit code 0 when nothing is wrong, 1 with the rows otherwise.
    Check {
        /// Print the result as one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        database: DatabaseOptions,
        #[command(flatten)]
        data: DataDir,
    },
    /// Start everything, sell something, and show how to call it
    Demo {
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        data: DataDir,
        /// Online Retail file to replay a part of; without it a day of orders is made up
        #[arg(long, value_name = "FILE")]
        sample: Option<PathBuf>,
    },
}

const HELP: &str = "\
Examples:
  purser up                                        everything on this machine; Ctrl-C ends it
  purser replay online_retail.csv.zst              feed it real orders
  purser check                                     prove that everything adds up
  grpcurl -plaintext 127.0.0.1:50051 list          what can be called

Settings come from flags, environment variables (shown in brackets) and a file, in this order. The file:
  [telemetry]  log, log-format, otlp-endpoint
  [server]     listen, metrics-listen, trust-callers, drain-delay, ...
  [database]   url, write-connections, read-connections
  [data]       data-dir, postgres-bin
  [providers]  services, provider-url, payment-url

Exit codes: 0 done, 1 failed (`check`: something is wrong), 64 a setting or argument is wrong.";

const UP_HELP: &str = "\
Examples:
  purser up
  purser up --data-dir ./data --listen 127.0.0.1:0         any free port; it is printed
  PURSER_LOG=info,access=debug purser up                   a log line per call";

const SERVE_HELP: &str = "\
Examples:
  DATABASE_URL=postgres://purser@db/purser purser serve --provider-url http://provider:12111
  purser serve --services order,inventory,catalog --payment-url http://payments:50051
  purser serve --services payment --provider-url http://provider:12111 --listen 127.0.0.1:50052";

const REPLAY_HELP: &str = "\
Examples:
  purser replay online_retail.csv.zst
  purser replay online_retail.csv --to http://127.0.0.1:50051 --json > result.json";
