//! Waiting for something that another task or process is about to do.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(10);

/// Calls `probe` until it returns something, and returns that.
///
/// # Panics
/// After `timeout` without an answer, naming the caller's line; a probe that itself hangs is cut off.
#[track_caller]
pub fn eventually<T, P>(timeout: Duration, mut probe: P) -> impl Future<Output = T>
where
    P: AsyncFnMut() -> Option<T>,
{
    let caller = Location::caller();
    async move {
        let answer = tokio::time::timeout(timeout, async {
            loop {
                if let Some(answer) = probe().await {
                    return answer;
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        answer.await.unwrap_or_else(|_| panic!("{caller}: still nothing after {timeout:?}"))
    }
}
