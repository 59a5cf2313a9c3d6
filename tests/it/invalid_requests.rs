//! Every RPC with a request in which everything is wrong that can be: one answer names all of it, and nothing in the
//! database changes.

use futures::future::{BoxFuture, FutureExt};
use prost::Message;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::database::row_counts;
use crate::support::methods::{self, call};
use crate::support::status::{bad_fields, reason};
use crate::support::world::World;

mod catalog;
mod inventory;
mod order;
mod payment;

/// A request of one RPC, and the fields that are bad in it.
struct Case {
    method: &'static str,
    send: Box<dyn FnOnce(Channel) -> BoxFuture<'static, Result<(), Status>>>,
    bad: Vec<&'static str>,
}

fn case<Q: Message + 'static>(method: &'static str, request: Q, bad: &[&'static str]) -> Case {
    let send = Box::new(move |channel| call(channel, method, request).boxed());
    Case { method, send, bad: bad.to_vec() }
}

/// A text of so many characters.
fn long(chars: usize) -> String {
    "x".repeat(chars)
}

#[tokio::test]
async fn every_bad_field_of_every_request_is_named_in_one_answer_and_nothing_is_written() {
    let world = World::new().await;
    let serving = world.serve().await;
    let client = world.database.client().await;
    let cases: Vec<Case> = [catalog::cases(), inventory::cases(), order::cases(), payment::cases()]
        .into_iter()
        .flatten()
        .collect();
    for method in methods::all() {
        assert!(cases.iter().any(|case| case.method == method.name), "{} has no case", method.name);
    }
    let before = row_counts(&client).await;
    for Case { method, send, mut bad } in cases {
        let status = send(serving.channel()).await.expect_err(method);
        assert_eq!(
            (status.code(), &*reason(&status)),
            (Code::InvalidArgument, "VALIDATION_FAILED"),
            "{method}"
        );
        bad.sort_unstable();
        assert_eq!(bad_fields(&status), bad, "{method}");
    }
    assert_eq!(row_counts(&client).await, before);
    drop(client);
    serving.stop().await;
}
