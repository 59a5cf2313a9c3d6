//! Values of settings. Each is checked where it is read, whether from a flag, a variable or the file.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

/// A service that a process may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Merchants, products, SKUs and prices.
    Catalog,
    /// Stock, reservations and movements.
    Inventory,
    /// Orders from checkout to delivery.
    Order,
    /// Payments and the operations that move money.
    Payment,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

macro_rules! checked {
    ($(#[$doc:meta])* $name:ident($inner:ty), $read:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub $inner);

        impl FromStr for $name {
            type Err = Wrong;

            fn from_str(text: &str) -> Result<Self, Wrong> {
                $read(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Wrong;

            fn try_from(text: String) -> Result<Self, Wrong> {
                text.parse()
            }
        }
    };
}

checked!(
    /// `HOST:PORT` to listen on.
    Address(String), address
);
checked!(
    /// A duration: `500ms`, `10s`, `2m`, at most a day.
    Span(Duration), span
);
checked!(
    /// The address of a service: `http://HOST:PORT`.
    HttpUrl(String), http_url
);
checked!(
    /// A Postgres database: a URL, or a libpq parameter string.
    PostgresUrl(String), postgres_url
);

/// What a value should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

fn wrong<T>(should: &str) -> Result<T, Wrong> {
    Err(Wrong(should.to_owned()))
}

fn address(text: &str) -> Result<String, Wrong> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => wrong("must be HOST:PORT, for example 127.0.0.1:50051"),
    }
}

fn span(text: &str) -> Result<Duration, Wrong> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count = digits.parse::<u32>().ok().map(u64::from);
    let span = match (count, &text[digits.len()..]) {
        (Some(count), "ms") => Duration::from_millis(count),
        (Some(count), "s") => Duration::from_secs(count),
        (Some(count), "m") => Duration::from_secs(count * 60),
        _ => return wrong("must be a whole number with ms, s or m, for example 10s"),
    };
    if span > Duration::from_hours(24) { wrong("must be a day at most") } else { Ok(span) }
}

fn http_url(text: &str) -> Result<String, Wrong> {
    let right = text
        .parse::<tonic::codegen::http::Uri>()
        .ok()
        .filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some_and(|host| !host.is_empty()));
    match right {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => wrong("must be an address like http://HOST:PORT (there is no TLS yet)"),
    }
}

fn postgres_url(text: &str) -> Result<String, Wrong> {
    match text.parse::<tokio_postgres::Config>() {
        // The parser's own words may hold the password.
        Err(_) => wrong("must be a database like postgres://USER@HOST/DATABASE"),
        Ok(_) => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_values_are_read() {
        assert_eq!("[::1]:0".parse(), Ok(Address("[::1]:0".into())));
        assert_eq!("1500ms".parse(), Ok(Span(Duration::from_millis(1_500))));
        assert_eq!("2m".parse(), Ok(Span(Duration::from_mins(2))));
        assert_eq!("http://pay:50051/".parse(), Ok(HttpUrl("http://pay:50051".into())));
        assert!("postgres://purser@db/purser".parse::<PostgresUrl>().is_ok());
        assert!("host=/run user=purser".parse::<PostgresUrl>().is_ok());
    }

    #[test]
    fn wrong_values_are_refused() {
        for text in ["", ":1", "localhost", "localhost:port", "localhost:70000"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        for text in ["", "s", "10", "-1s", "1.5s", "1h", "90000s", "99999999999ms"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["", "pay:50051", "https://pay", "http://", "ftp://pay"] {
            assert!(text.parse::<HttpUrl>().is_err(), "{text}");
        }
        let wrong = "postgres://u:secret@h:port/d".parse::<PostgresUrl>().expect_err("no port");
        assert!(!wrong.to_string().contains("secret"));
    }
}
