//! Statements: each stands in a `.sql` file of its own beside the code that runs it.

/// One statement: the file's name and text.
#[derive(Debug)]
pub struct Sql {
    /// The file's name without `.sql`; it names the statement in errors, traces and failpoints.
    pub name: &'static str,
    /// The text; prepared once per connection.
    pub text: &'static str,
}

/// A [`Sql`] from a file beside the calling source file: `sql!("store/insert_orders")`. A second text is appended as
/// it is, for the variants of a locking statement.
#[macro_export]
macro_rules! sql {
    ($path:literal) => {
        $crate::sql::Sql { name: $path, text: include_str!(concat!($path, ".sql")) }
    };
    ($path:literal, $suffix:literal) => {
        $crate::sql::Sql {
            name: concat!($path, $suffix),
            text: concat!(include_str!(concat!($path, ".sql")), $suffix),
        }
    };
}
