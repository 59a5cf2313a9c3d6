//! A private Postgres server as a child process.
