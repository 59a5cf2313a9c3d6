//! What a person sees meanwhile, on stderr: a bar on a terminal, else a plain line now and then.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "{prefix:>12} [{wide_bar}] {human_pos}/{human_len} {rate} {eta} left";

/// Where the replay stands, for people.
pub struct Progress {
    show: Show,
}

enum Show {
    Nothing,
    Bar(ProgressBar),
    Lines(Lines),
}

struct Lines {
    phase: Mutex<Phase>,
    done: AtomicU64,
}

struct Phase {
    name: &'static str,
    all: u64,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Says nothing.
    #[must_use]
    pub fn quiet() -> Self {
        Self { show: Show::Nothing }
    }

    /// A bar on a terminal, else lines.
    #[must_use]
    pub fn on_stderr() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        if !bar.is_hidden() {
            return Self { show: Show::Bar(bar) };
        }
        let now = Instant::now();
        let phase = Mutex::new(Phase { name: "", all: 0, began: now, told: now });
        Self { show: Show::Lines(Lines { phase, done: AtomicU64::new(0) }) }
    }

    /// Begins a phase of `all` steps.
    pub fn phase(&self, name: &'static str, all: usize) {
        match &self.show {
            Show::Nothing => {}
            Show::Bar(bar) => {
                if let Ok(style) = style() {
                    bar.set_style(style);
                }
                bar.set_prefix(name);
                bar.set_length(all as u64);
                // Last, because it draws.
                bar.reset();
            }
            Show::Lines(lines) => lines.begin(name, all as u64),
        }
    }

    /// `steps` more are done.
    pub fn advance(&self, steps: usize) {
        match &self.show {
            Show::Nothing => {}
            Show::Bar(bar) => bar.inc(steps as u64),
            Show::Lines(lines) => lines.advance(steps as u64),
        }
    }

    /// Says a line beside the bar.
    pub fn say(&self, line: &str) {
        match &self.show {
            Show::Nothing => {}
            Show::Bar(bar) => bar.suspend(|| eprintln!("{line}")),
            Show::Lines(_) => eprintln!("{line}"),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }
}

fn style() -> Result<ProgressStyle, indicatif::style::TemplateError> {
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // Writing to a bar cannot fail in a way that anybody could mend.
        let _ = write!(out, "{:.0}/s", state.per_sec());
    };
    Ok(ProgressStyle::with_template(TEMPLATE)?.with_key("rate", rate))
}

impl Lines {
    fn begin(&self, name: &'static str, all: u64) {
        let now = Instant::now();
        self.done.store(0, Ordering::Relaxed);
        if let Ok(mut phase) = self.phase.lock() {
            *phase = Phase { name, all, began: now, told: now };
        }
    }

    fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        // Whoever finds the lock taken has nothing to add: another one is about to speak.
        let Ok(mut phase) = self.phase.try_lock() else { return };
        if phase.told.elapsed() >= LINE_EVERY {
            phase.told = Instant::now();
            eprintln!("{}", phase.line(done));
        }
    }
}

impl Phase {
    fn line(&self, done: u64) -> String {
        let gone_ms = self.began.elapsed().as_millis().max(1);
        let per_second = u128::from(done) * 1_000 / gone_ms;
        let left_s = u128::from(self.all.saturating_sub(done)) * gone_ms / u128::from(done.max(1)) / 1_000;
        format!("{}: {done}/{}, {per_second}/s, {left_s} s left", self.name, self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_of_the_bar_is_understood() {
        assert!(style().is_ok());
    }

    #[test]
    fn a_line_tells_rate_and_remaining_time() {
        let began = Instant::now() - Duration::from_secs(10);
        let line = Phase { name: "orders", all: 1_000, began, told: began }.line(250);
        assert!(line.starts_with("orders: 250/1000, 2"), "{line}");
        assert!(line.ends_with("30 s left"), "{line}");
    }
}
