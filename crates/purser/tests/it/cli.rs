//! Mistakes on the command line, in the environment and in the file: one line on stderr, exit code 64.

use std::io::Write;
use std::process::{Command, Output};

fn purser(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purser"));
    // The caller's own settings must not reach the test.
    for (name, _) in std::env::vars() {
        if name.starts_with("PURSER_") || name.starts_with("OTEL_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(environment.iter().copied()).output().unwrap()
}

fn is_wrong(output: &Output, words: &str) {
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    assert!(line.starts_with("purser: ") && line.contains(words), "{line}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_argument_is_one_line_and_exit_code_64() {
    is_wrong(&purser(&[], &[]), "up, serve, migrate");
    is_wrong(&purser(&["up", "--lisen", "x"], &[]), "--lisen");
    is_wrong(&purser(&["up", "--listen", "nowhere"], &[]), "HOST:PORT");
    is_wrong(&purser(&["replay"], &[]), "<FILE>");
}

#[test]
fn a_wrong_variable_is_one_line_and_exit_code_64() {
    is_wrong(&purser(&["up"], &[("PURSER_DRAIN_GRACE", "soon")]), "for example 10s");
    is_wrong(&purser(&["up"], &[("PURSER_LOG", "purser=loud")]), "log filter");
    let url = "postgres://u:secret@h:port/d";
    let output = purser(&["migrate"], &[("DATABASE_URL", url)]);
    is_wrong(&output, "database-url");
}

#[test]
fn a_wrong_file_is_one_line_and_exit_code_64() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"[server]\nlisten = 7\n").unwrap();
    let path = file.path().to_str().unwrap();
    is_wrong(&purser(&["up", "--config", path], &[]), "line 2");
    is_wrong(&purser(&["up"], &[("PURSER_CONFIG", "/no/such/file")]), "/no/such/file");
}

#[test]
fn what_a_command_needs_and_did_not_get_is_exit_code_64() {
    is_wrong(&purser(&["migrate"], &[]), "DATABASE_URL");
    let database = [("DATABASE_URL", "postgres://purser@127.0.0.1/purser")];
    is_wrong(&purser(&["serve"], &database), "--provider-url");
    is_wrong(&purser(&["serve", "--services", "order"], &database), "--payment-url");
}

#[test]
fn an_asked_port_that_is_taken_is_one_line_and_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().to_str().unwrap();
    let output = purser(&["up", "--data-dir", data_dir, "--listen", &address], &[]);
    let line = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert!(line.contains(&address) && line.contains("taken"), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
}

#[test]
fn help_and_version_are_answers_on_stdout() {
    for arguments in [["--help"].as_slice(), &["up", "--help"], &["--version"]] {
        let output = purser(arguments, &[]);
        assert_eq!(output.status.code(), Some(0));
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}
