//! The simulator as a process of its own.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use kernel::Clock;
use provider_sim::{Config, Sim};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A payment provider to develop and test against: Stripe's v1 payment intents with test cards.
///
/// It moves no real money and believes every credential: keep it on loopback.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// The journal file, read again at start; without it everything is forgotten at the end.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with its causes; a backtrace would say nothing to who started this.
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { listen, journal }: Arguments) -> anyhow::Result<()> {
    let sim = Sim::open(Config { journal, clock: Arc::new(Clock::default()) })?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    let mut stdout = std::io::stdout();
    writeln!(stdout, "provider-sim listens on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    sim.serve(listener, shutdown).await?;
    sim.close();
    Ok(())
}
