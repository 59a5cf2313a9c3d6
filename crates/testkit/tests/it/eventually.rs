use std::time::Duration;

use testkit::eventually;

#[tokio::test]
async fn probe_is_asked_until_it_answers() {
    let mut asked = 0;
    let answer = eventually(Duration::from_secs(10), async || {
        asked += 1;
        (asked == 3).then_some("done")
    });
    assert_eq!(answer.await, "done");
    assert_eq!(asked, 3);
}

#[tokio::test]
#[should_panic(expected = "eventually.rs")]
async fn silence_fails_with_the_line_that_waited() {
    eventually(Duration::from_millis(30), async || None::<()>).await;
}

#[tokio::test]
#[should_panic(expected = "still nothing after")]
async fn probe_that_hangs_is_cut_off() {
    eventually(Duration::from_millis(30), async || std::future::pending::<Option<()>>().await).await;
}
