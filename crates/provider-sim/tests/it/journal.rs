//! The journal: what survives a restart, and what is refused.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use futures::future::join_all;
use provider_sim::{Config, Fault, Sim, SimError};

use crate::served::{Served, answer, is_replay};

fn open(path: &Path) -> Result<Sim, SimError> {
    Sim::open(Config { journal: Some(path.to_owned()), clock: Arc::default() })
}

fn append(path: &Path, bytes: &[u8]) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[tokio::test]
async fn a_restart_remembers_charges_intents_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let served = Served::over(Some(path.clone())).await;
    served.sim.faults().push(Fault::Status500AfterCommit);
    let cards = [
        ("failed", "pm_card_mastercard"),
        ("paid", "pm_card_visa"),
        ("declined", "pm_card_chargeDeclinedExpiredCard"),
        ("funds", "pm_card_chargeDeclinedInsufficientFunds"),
    ];
    let mut first = Vec::new();
    for (key, card) in cards {
        first.push(answer(served.caller.pay(key, card)).await);
    }
    let charges = served.sim.charges();
    assert_eq!(charges.len(), 2);
    let list = answer(served.caller.get("/v1/payment_intents")).await;
    served.stop().await;

    let served = Served::over(Some(path)).await;
    assert_eq!(served.sim.charges(), charges);
    assert_eq!(answer(served.caller.get("/v1/payment_intents")).await, list);
    for ((key, card), first) in cards.into_iter().zip(first) {
        let again = served.caller.pay(key, card).send().await.unwrap();
        assert!(is_replay(&again));
        assert_eq!(crate::served::read(again).await, first);
    }
    let (_, other) = answer(served.caller.pay("paid", "pm_card_mastercard")).await;
    assert_eq!(other["error"]["type"], "idempotency_error");
    assert_eq!(served.sim.charges(), charges);
}

#[tokio::test]
async fn every_answer_stands_in_the_journal_before_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let served = Served::over(Some(path.clone())).await;
    let calls = (0..40).map(|number| {
        let (call, path) = (served.caller.pay(&number.to_string(), "pm_card_visa"), path.clone());
        async move {
            let (status, body) = answer(call).await;
            assert_eq!(status, 200);
            let journal = fs::read_to_string(path).unwrap();
            assert!(journal.contains(body["id"].as_str().unwrap()));
        }
    });
    join_all(calls).await;
    assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 40);
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_and_its_request_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let served = Served::over(Some(path.clone())).await;
    answer(served.caller.pay("whole", "pm_card_visa")).await;
    let whole = fs::read(&path).unwrap();
    answer(served.caller.pay("torn", "pm_card_visa")).await;
    served.stop().await;
    let both = fs::read(&path).unwrap();
    // Every place at which a crash can tear the second line, the missing line end included.
    for length in [whole.len() + 1, whole.len() + 40, both.len() - 1] {
        fs::write(&path, &both[..length]).unwrap();
        let served = Served::over(Some(path.clone())).await;
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(served.sim.charges().len(), 1);
        let again = served.caller.pay("torn", "pm_card_visa").send().await.unwrap();
        assert!(!is_replay(&again));
        served.stop().await;
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
        assert_eq!(open(&path).unwrap().charges().len(), 2);
    }
}

#[tokio::test]
async fn a_damaged_line_is_named_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let served = Served::over(Some(path.clone())).await;
    answer(served.caller.pay("k", "pm_card_visa")).await;
    served.stop().await;
    let good = fs::read(&path).unwrap();
    for bad in ["not a record\n", "{}\n", "\n"] {
        append(&path, bad.as_bytes());
        append(&path, &good);
        let before = fs::read(&path).unwrap();
        match open(&path) {
            Err(SimError::Damaged { line, .. }) => assert_eq!(line, 2, "{bad:?}"),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("{bad:?} was taken"),
        }
        assert_eq!(fs::read(&path).unwrap(), before);
        fs::write(&path, &good).unwrap();
    }
}

#[tokio::test]
async fn a_journal_has_one_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(SimError::InUse { .. })));
    drop(first);
    assert!(open(&path).is_ok());
}

#[tokio::test]
async fn a_closed_journal_accepts_no_payment() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::over(Some(folder.path().join("journal"))).await;
    served.sim.close();
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 500);
    assert_eq!(served.sim.charges(), []);
}
