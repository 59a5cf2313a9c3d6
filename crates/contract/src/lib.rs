//! The generated code of `proto/`, and nothing else. The module tree follows the protobuf packages.
#![allow(missing_docs, clippy::pedantic, clippy::all, clippy::or_fun_call, clippy::doc_markdown)]

/// Packages below `purser`.
pub mod purser {
    pub mod common {
        pub mod v1 {
            tonic::include_proto!("purser.common.v1");
        }
    }
    pub mod catalog {
        pub mod v1 {
            tonic::include_proto!("purser.catalog.v1");
        }
    }
    pub mod inventory {
        pub mod v1 {
            tonic::include_proto!("purser.inventory.v1");
        }
    }
    pub mod order {
        pub mod v1 {
            tonic::include_proto!("purser.order.v1");
        }
    }
    pub mod payment {
        pub mod v1 {
            tonic::include_proto!("purser.payment.v1");
        }
    }
}

/// The encoded `FileDescriptorSet` of the whole contract with its imports, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/purser.binpb"));
