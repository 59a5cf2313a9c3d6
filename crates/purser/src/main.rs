//! The one binary: parse, configure, run, and an exit code.

use std::process::ExitCode;

use clap::Parser;
use purser::cli::{Cli, mistake};
use purser::{exit, show};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::failed(&format!("cannot start: {error}")),
    };
    let code = runtime.block_on(purser::run(cli));
    // Whatever still blocks a thread was given its time.
    runtime.shutdown_background();
    code
}

fn answer(error: &clap::Error) -> ExitCode {
    match mistake::told(error) {
        Ok(help) => {
            show::print(&help);
            ExitCode::SUCCESS
        }
        Err(line) => exit::wrong(&line),
    }
}
