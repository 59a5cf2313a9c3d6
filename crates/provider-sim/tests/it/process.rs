//! The program, killed in the middle of its work.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::served::{Caller, answer, is_replay};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(journal: &Path) -> (Process, Caller) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_provider-sim"))
        .args(["--listen", "127.0.0.1:0", "--journal"])
        .arg(journal)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().rsplit(' ').next().unwrap().to_owned();
    (Process(child), Caller::to(base))
}

#[tokio::test]
async fn a_killed_provider_keeps_every_payment_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut process, caller) = start(&path);
    let mut acknowledged = Vec::new();
    for number in 0..20 {
        let (status, body) = answer(caller.pay(&number.to_string(), "pm_card_visa")).await;
        assert_eq!(status, 200);
        acknowledged.push(body);
    }
    process.0.kill().unwrap();
    process.0.wait().unwrap();

    let (_process, caller) = start(&path);
    for (number, first) in acknowledged.into_iter().enumerate() {
        let again = caller.pay(&number.to_string(), "pm_card_visa").send().await.unwrap();
        assert!(is_replay(&again));
        assert_eq!(crate::served::read(again).await, (200, first));
    }
    let (_, oracle) = answer(caller.get("/oracle/charges")).await;
    assert_eq!(oracle["charges"].as_array().unwrap().len(), 20);
}
