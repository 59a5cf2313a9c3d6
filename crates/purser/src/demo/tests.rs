#![allow(clippy::unwrap_used, reason = "tests")]

use tokio::net::TcpListener;

use super::sale::Sale;
use super::*;
use crate::replay::tests::fake::Fake;

#[tokio::test]
async fn the_story_is_told_and_a_second_start_sells_nothing_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}", listener.local_addr().unwrap());
    let fake = Fake::default();
    let _server = fake.serve(listener);

    let story = play(&to, None).await.unwrap();
    let text = story.lines.join("\n");
    for told in [
        "alice bought 2 mugs, 3 teas and postage for 43.35 GBP: order ord_0 is CONFIRMED.",
        "the same order, and nothing charged twice",
        "bob's card was declined (PAYMENT_DECLINED, insufficient_funds): order ord_1 is PENDING",
        "INSUFFICIENT_STOCK (MUG-BLUE wanted 1000, available 40). Nothing was reserved.",
        "Replayed a generated day of orders: 300 orders,",
        "300 of them placed now",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert_eq!(story.calls.len(), 6);

    let sold = fake.books().orders.len();
    let again = play(&to, None).await.unwrap().lines.join("\n");
    assert!(again.contains("nothing was sold twice"), "{again}");
    assert_eq!(fake.books().orders.len(), sold);
}

// Every printed body is held against the contract's own descriptors: a field that does not exist would be refused.
#[test]
fn printed_calls_name_methods_and_fields_of_the_contract() {
    use prost::Message;
    let set = prost_types::FileDescriptorSet::decode(contract::FILE_DESCRIPTOR_SET).unwrap();
    let mut fields = std::collections::BTreeMap::new();
    let mut methods = std::collections::BTreeMap::new();
    for file in &set.file {
        for message in &file.message_type {
            let names: Vec<String> = message.field.iter().map(|field| field.name().to_owned()).collect();
            fields.insert(format!(".{}.{}", file.package(), message.name()), names);
        }
        for service in &file.service {
            for method in &service.method {
                let name = format!("{}.{}/{}", file.package(), service.name(), method.name());
                methods.insert(name, method.input_type().to_owned());
            }
        }
    }
    let text = String::from("x_1");
    let sale =
        Sale { lines: vec![], merchant_id: text.clone(), mug_id: text.clone(), order_id: text.clone() };
    let customer = calls::Customer { merchant_id: text.clone(), customer_id: text };
    let calls = calls::calls("http://127.0.0.1:50051", &sale, &customer);
    assert_eq!(calls[0].to_string(), "grpcurl -plaintext 127.0.0.1:50051 list");
    for call in &calls[1..] {
        let body: serde_json::Value = serde_json::from_str(call.body.as_ref().unwrap()).unwrap();
        let known = &fields[&methods[&call.method]];
        for field in body.as_object().unwrap().keys() {
            assert!(known.contains(field), "{}: {field}", call.method);
        }
        assert!(!call.body.as_ref().unwrap().contains('\''), "a quote would end the shell's text");
        let line = call.to_string();
        assert!(
            line.starts_with("grpcurl -plaintext -d '{") && line.contains("' 127.0.0.1:50051 purser."),
            "{line}"
        );
    }
}
