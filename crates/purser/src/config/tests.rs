#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write;
use std::time::Duration;

use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn serve_flags(arguments: &[&str]) -> (Serving, DatabaseOptions, Providers) {
    match Cli::parse_from([&["purser", "serve"], arguments].concat()).command {
        Command::Serve { serving, database, providers } => (serving, database, providers),
        other => panic!("{other:?}"),
    }
}

fn file(text: &str) -> Result<File, ConfigError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    File::read(Some(file.path()))
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let file = file("[server]\nlisten = \"0.0.0.0:1\"\ndrain-grace = \"3s\"\ncalls-max = 7").unwrap();
    let (flags, ..) = serve_flags(&["--listen", "127.0.0.1:2"]);
    let config = serving(flags, &file, false);
    assert_eq!(config.listen, Listen::Asked("127.0.0.1:2".into()));
    assert_eq!(config.metrics_listen, Listen::Default(METRICS_LISTEN.into()));
    assert_eq!((config.server.calls_max, config.server.drain_grace), (7, Duration::from_secs(3)));
    assert_eq!(config.server.deadline_max, Duration::from_secs(30));
}

#[test]
fn callers_are_trusted_by_default_of_the_command_or_by_flag() {
    let trusted = |arguments: &[&str], default| {
        serving(serve_flags(arguments).0, &File::default(), default).trust_callers
    };
    assert!(!trusted(&[], false));
    assert!(trusted(&[], true));
    assert!(trusted(&["--trust-callers"], false));
    assert!(!trusted(&["--trust-callers=false"], true));
}

#[test]
fn a_wrong_file_is_one_line_with_the_place() {
    for (text, words) in [
        ("[server]\nlisen = \"x\"", "line 2: unknown field `lisen`"),
        ("[server]\n\nlisten = \"nowhere\"", "line 3: must be HOST:PORT"),
        ("[shop]", "line 1: unknown field `shop`"),
        ("[server", "line 1"),
    ] {
        let line = file(text).unwrap_err().to_string();
        assert!(line.contains(words) && !line.contains('\n'), "{line}");
    }
    assert!(File::read(Some(std::path::Path::new("/no/such/file"))).is_err());
}

#[test]
fn a_service_without_what_it_depends_on_is_refused() {
    let configured = |arguments: &[&str]| services(serve_flags(arguments).2, &File::default());
    let provider = ["--provider-url", "http://p:1"];
    let payment = ["--payment-url", "http://q:1"];
    assert!(configured(&[]).unwrap_err().to_string().contains("--provider-url"));
    assert_eq!(configured(&provider).unwrap().services.len(), 4);
    let line = configured(&["--services", "order"]).unwrap_err().to_string();
    assert!(line.contains("--payment-url"));
    assert!(configured(&[&["--services", "order,catalog"][..], &payment].concat()).is_ok());
    assert!(configured(&["--services", "catalog"]).is_ok());
}

#[test]
fn the_database_has_to_be_named() {
    let file = file("[database]\nurl = \"postgres://purser@db/purser\"\nread-connections = 3").unwrap();
    let named = database(DatabaseOptions::default(), &file).unwrap();
    assert_eq!((named.url.as_str(), named.read_connections), ("postgres://purser@db/purser", 3));
    let line = database(DatabaseOptions::default(), &File::default()).unwrap_err().to_string();
    assert!(line.contains("DATABASE_URL"));
}
