use std::time::Duration;

use testkit::eventually;

use crate::support::{is_alive, is_empty, open_dir, terminate, testkit};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn exit_code_of_the_command_is_passed_on_and_nothing_is_left() {
    let dir = open_dir();
    let script = r#"test -n "$PURSER_TEST_POSTGRES" && test -n "$PURSER_TEST_TEMPLATE" && exit 7"#;
    let output =
        testkit().args(["run", "--", "/bin/sh", "-c", script]).env("TMPDIR", dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(is_empty(dir.path()));
}

#[test]
fn command_that_cannot_be_started_is_one_line_and_nothing_is_left() {
    let dir = open_dir();
    let output =
        testkit().args(["run", "--", "/no/such/program"]).env("TMPDIR", dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(70), "{said}");
    assert!(said.contains("could not start /no/such/program") && said.lines().count() == 1, "{said}");
    assert!(is_empty(dir.path()));
}

#[tokio::test]
async fn terminated_run_ends_its_command_and_leaves_nothing() {
    let dir = open_dir();
    let mark = tempfile::NamedTempFile::new().unwrap();
    let script = format!("echo $$ > {}; exec sleep 600", mark.path().display());
    let mut run = testkit();
    run.args(["run", "--", "/bin/sh", "-c", &script]).env("TMPDIR", dir.path());
    let mut run = run.spawn().unwrap();
    let command: u32 =
        eventually(LONG, async || std::fs::read_to_string(mark.path()).unwrap().trim().parse().ok()).await;
    terminate(&run);
    let status = eventually(LONG, async || run.try_wait().unwrap()).await;
    assert_eq!(status.code(), Some(128 + 15));
    assert!(!is_alive(command));
    assert!(is_empty(dir.path()));
}

#[tokio::test]
async fn what_a_killed_run_left_is_deleted_by_the_next() {
    let dir = open_dir();
    let mark = tempfile::NamedTempFile::new().unwrap();
    let script = format!("echo $$ > {}; exec sleep 600", mark.path().display());
    let mut run = testkit();
    run.args(["run", "--", "/bin/sh", "-c", &script]).env("TMPDIR", dir.path());
    let mut run = run.spawn().unwrap();
    let command: u32 =
        eventually(LONG, async || std::fs::read_to_string(mark.path()).unwrap().trim().parse().ok()).await;
    run.kill().unwrap();
    run.wait().unwrap();
    let end = std::process::Command::new("/bin/sh").args(["-c", "kill $0", &command.to_string()]).status();
    assert!(end.unwrap().success());
    assert!(!is_empty(dir.path()), "the killed run left its server, or this test shows nothing");
    let next = testkit().args(["run", "--", "true"]).env("TMPDIR", dir.path()).status().unwrap();
    assert!(next.success());
    assert!(is_empty(dir.path()));
}

#[test]
fn wrong_arguments_show_the_usage() {
    let output = testkit().arg("runn").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("usage: testkit run"));
}
