//! `testkit`: runs tests, or any command, with a private Postgres.

use std::path::PathBuf;
use std::process::ExitCode;

use testkit::runner::{self, RunError, StopRequest, Task};

const USAGE: &str = "\
usage: testkit run [ARG..]              run the workspace's tests with a private Postgres, then delete it; ARG.. are
                                        arguments of the test runner, such as a part of a test's name
       testkit run -- COMMAND [ARG..]   run COMMAND with a private Postgres instead
       testkit serve [DIR]              keep a private Postgres in DIR (target/testkit) until Ctrl-C

PURSER_POSTGRES_BIN=DIR  directory of the Postgres programs, when they are not found by themselves
PURSER_TEST_KEEP=1       keep the databases of failed tests until Ctrl-C";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    let args: Vec<String> = std::env::args().skip(1).collect();
    match answer(&args).await {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("testkit: {error}");
            ExitCode::from(70)
        }
    }
}

async fn answer(args: &[String]) -> Result<i32, RunError> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", "--", command @ ..] if !command.is_empty() => {
            runner::run(Task::Command(owned(command)), &mut StopRequest::listen()?).await
        }
        ["run", args @ ..] if args.first() != Some(&"--") => {
            runner::run(Task::Tests(owned(args)), &mut StopRequest::listen()?).await
        }
        ["serve"] => runner::serve(&runner::default_dir(), &mut StopRequest::listen()?).await,
        ["serve", dir] => runner::serve(&PathBuf::from(dir), &mut StopRequest::listen()?).await,
        ["--help" | "-h" | "help"] => {
            eprintln!("{USAGE}");
            Ok(0)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(64)
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
