//! Prints `web/src/wire/messages.ts`.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

fn main() {
    print!("{}", wire::typescript::file());
}
