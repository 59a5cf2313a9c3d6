//! What `testkit run` tells the tests it runs, by environment variables.

/// URL of the server's maintenance database, as superuser.
pub(crate) const POSTGRES: &str = "PURSER_TEST_POSTGRES";
/// Name of the migrated database that tests clone.
pub(crate) const TEMPLATE: &str = "PURSER_TEST_TEMPLATE";
/// Set to `1`, databases of failed tests are kept, and `testkit run` waits before it cleans up.
pub(crate) const KEEP: &str = "PURSER_TEST_KEEP";

/// The value of a variable that only a test run sets.
pub(crate) fn of_test_run(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("{name} is not set: this test needs the private Postgres of a test run; run `make test`"),
    }
}

/// Whether failed tests keep their database.
pub(crate) fn keep() -> bool {
    std::env::var(KEEP).is_ok_and(|value| value == "1")
}
