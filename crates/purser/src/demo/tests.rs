#![allow(clippy::unwrap_used, reason = "tests")]

use super::sale::Sale;
use super::*;

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
