//! The gRPC server through a real client.

mod drain;
mod layers;
mod probe;
mod reflection;
mod telemetry;
mod world;
