//! A migration that was added must be embedded: the embedding macro alone does not see new files.
fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
