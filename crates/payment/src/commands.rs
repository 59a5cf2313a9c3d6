//! One file per write. A capture has three steps: begin (the intent is written down), the provider's call, and apply
//! (what came of it).

pub mod capture;
