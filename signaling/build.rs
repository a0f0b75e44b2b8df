//! Compiles again when the web application was built again: its files are part of a released program.
//! While it is worked on they are read as they lie there.

#[expect(
    clippy::disallowed_methods,
    reason = "this is how cargo tells a build script what it builds"
)]
fn main() {
    let is_released = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let watched = if is_released {
        "../web/dist"
    } else {
        "build.rs"
    };
    println!("cargo:rerun-if-changed={watched}");
}
