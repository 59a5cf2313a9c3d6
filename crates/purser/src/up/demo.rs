//! `purser demo`: `up`, with something in it.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use platform::stop;
use platform::telemetry::Telemetry;

use super::{Config, Up};
use crate::demo::{self, Story};
use crate::exit::Failure;
use crate::show;

/// Starts everything, sells something, shows how to call it, and stays until it is asked to stop.
///
/// # Errors
/// As [`super::command`], and when the demo does not come out as it must.
pub async fn command(
    config: &Config,
    sample: Option<PathBuf>,
    telemetry: &Telemetry,
) -> Result<ExitCode, Failure> {
    let stop = stop::on_signal().context("cannot catch signals")?;
    let up = Up::start(config, telemetry, stop.clone()).await?;
    if !up.is_ready().await {
        up.ended().await?;
        return Ok(ExitCode::SUCCESS);
    }
    show::print(&up.addresses.lines("ready", &[("data", config.data.dir.display().to_string())]));
    let url = up.addresses.grpc_url();
    let played = tokio::select! {
        played = demo::play(&url, sample) => Some(played.context("the demo")),
        () = stop.cancelled() => None,
    };
    match &played {
        Some(Ok(story)) => show::print(&narrated(story)),
        Some(Err(_)) => stop.cancel(),
        None => {}
    }
    up.ended().await?;
    played.transpose()?;
    Ok(ExitCode::SUCCESS)
}

fn narrated(story: &Story) -> String {
    let mut text = String::from("\nWhat happened:\n");
    for line in &story.lines {
        writeln!(text, "  {line}").expect("writing to a String cannot fail");
    }
    text.push_str("\nTry it from another terminal (grpcurl: https://github.com/fullstorydev/grpcurl):\n");
    for call in &story.calls {
        writeln!(text, "\n  # {}\n  {call}", call.title).expect("writing to a String cannot fail");
    }
    text.push_str("\nCtrl-C ends it; the data stays.\n");
    text
}
