use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use platform::embedded::{EmbeddedError, EmbeddedPostgres, Settings};
use testkit::eventually;
use tokio_postgres::{Client, NoTls};

use crate::support::{is_alive, is_root, open_dir, ready_server_in, testkit};

async fn client(server: &EmbeddedPostgres) -> Client {
    let (client, connection) = tokio_postgres::connect(&server.url("postgres"), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn show(client: &Client, parameter: &str) -> String {
    client.query_one("SELECT current_setting($1)", &[&parameter]).await.unwrap().get(0)
}

#[tokio::test]
async fn durable_server_keeps_its_data_over_a_restart_and_syncs() {
    let dir = open_dir();
    let first = EmbeddedPostgres::start(Settings::durable(dir.path())).await.unwrap();
    let session = client(&first).await;
    session.batch_execute("CREATE TABLE kept AS SELECT 42 AS x").await.unwrap();
    for (parameter, value) in [("fsync", "on"), ("synchronous_commit", "on"), ("data_checksums", "on")] {
        assert_eq!(show(&session, parameter).await, value, "{parameter}");
    }
    assert_eq!(show(&session, "deadlock_timeout").await, "100ms");
    assert_eq!(show(&session, "listen_addresses").await, "");
    let pid = first.pid();
    first.stop().await.unwrap();
    assert!(!is_alive(pid));
    let second = EmbeddedPostgres::start(Settings::durable(dir.path())).await.unwrap();
    let row = client(&second).await.query_one("SELECT x FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 42);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn second_live_owner_is_refused_in_one_line_that_names_the_first() {
    let dir = open_dir();
    let owner = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    let error = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::InUse { .. }), "{error}");
    let line = error.to_string();
    assert!(line.contains(&format!("process {}", std::process::id())) && !line.contains('\n'), "{line}");
    // The refused one has not harmed the server of the first.
    client(&owner).await.batch_execute("SELECT 1").await.unwrap();
    owner.stop().await.unwrap();
}

#[tokio::test]
async fn server_of_a_killed_owner_is_stopped_and_started_again_with_its_data() {
    let dir = open_dir();
    let before = EmbeddedPostgres::start(Settings::durable(dir.path())).await.unwrap();
    before.create_database_if_missing("kept").await.unwrap();
    before.stop().await.unwrap();
    let mut owner =
        testkit().arg("serve").arg(dir.path()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let wait = Duration::from_secs(60);
    let left_over = eventually(wait, async || ready_server_in(dir.path())).await;
    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(is_alive(left_over), "the server outlives its owner's SIGKILL, or this test shows nothing");
    let server = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    assert!(!is_alive(left_over) && server.pid() != left_over);
    let kept = client(&server).await.query_opt("SELECT 1 FROM pg_database WHERE datname = 'kept'", &[]).await;
    assert!(kept.unwrap().is_some());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn stale_pid_file_with_a_strangers_number_is_no_obstacle() {
    let dir = open_dir();
    EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap().stop().await.unwrap();
    let stale = format!("{}\n{}\n1\n5432\n/nowhere\n\n", std::process::id(), dir.path().display());
    std::fs::write(dir.path().join("postgres/postmaster.pid"), stale).unwrap();
    let server = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn cluster_whose_creation_was_interrupted_is_created_afresh_even_where_no_socket_fits() {
    let dir = open_dir();
    let deep = dir.path().join(format!("{} with a space", "d".repeat(120)));
    std::fs::create_dir_all(deep.join("postgres.unfinished/base")).unwrap();
    let server = EmbeddedPostgres::start(Settings::disposable(&deep)).await.unwrap();
    let socket_dir = show(&client(&server).await, "unix_socket_directories").await;
    assert!(socket_dir.starts_with("/tmp/"), "{socket_dir}");
    server.stop().await.unwrap();
    assert!(!std::path::Path::new(&socket_dir).exists());
}

#[tokio::test]
async fn dropped_server_is_gone() {
    let dir = open_dir();
    let server = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    let pid = server.pid();
    drop(server);
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn server_that_ends_while_starting_says_why_in_one_line() {
    let dir = open_dir();
    let mut settings = Settings::disposable(dir.path());
    settings.parameters.push(("max_connections".to_owned(), "many".to_owned()));
    let line = EmbeddedPostgres::start(settings).await.unwrap_err().to_string();
    assert!(line.contains("invalid value for parameter \"max_connections\""), "{line}");
    assert!(!line.contains('\n'), "{line}");
}

#[tokio::test]
async fn missing_programs_are_named_in_one_line() {
    let dir = open_dir();
    let mut settings = Settings::disposable(dir.path());
    settings.postgres_bin = Some(dir.path().to_owned());
    let line = EmbeddedPostgres::start(settings).await.unwrap_err().to_string();
    assert!(line.contains("PURSER_POSTGRES_BIN") && !line.contains('\n'), "{line}");
}

#[tokio::test]
async fn database_is_created_once() {
    let dir = open_dir();
    let server = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    for _ in 0..2 {
        server.create_database_if_missing("odd \"name\"").await.unwrap();
    }
    let (session, connection) = tokio_postgres::connect(&server.url("odd \"name\""), NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = session.query_one("SELECT current_database()::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "odd \"name\"");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn death_of_the_server_is_noticed() {
    let dir = open_dir();
    let server = EmbeddedPostgres::start(Settings::disposable(dir.path())).await.unwrap();
    let end = format!("kill -QUIT {}", server.pid());
    assert!(std::process::Command::new("/bin/sh").args(["-c", &end]).status().unwrap().success());
    tokio::time::timeout(Duration::from_secs(30), server.died()).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn roots_unreachable_directory_gets_a_link_to_a_reachable_one_and_keeps_its_data() {
    if !is_root() {
        eprintln!("skipped: only root runs Postgres as somebody else");
        return;
    }
    let dir = open_dir();
    let closed = dir.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let data_dir = closed.join("data");
    let first = EmbeddedPostgres::start(Settings::disposable(&data_dir)).await.unwrap();
    let files = first.postgres_dir();
    assert!(files.starts_with("/var/lib/purser/private"), "{}", files.display());
    assert_eq!(std::fs::read_link(data_dir.join("postgres")).unwrap(), files);
    first.create_database_if_missing("kept").await.unwrap();
    client(&first).await.batch_execute("CHECKPOINT").await.unwrap();
    first.stop().await.unwrap();
    let second = EmbeddedPostgres::start(Settings::disposable(&data_dir)).await.unwrap();
    assert_eq!(second.postgres_dir(), files);
    let kept = client(&second).await.query_opt("SELECT 1 FROM pg_database WHERE datname = 'kept'", &[]).await;
    assert!(kept.unwrap().is_some());
    second.stop().await.unwrap();
    std::fs::remove_dir_all(files.parent().unwrap()).unwrap();
}
