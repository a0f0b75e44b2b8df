//! The same shapes for the browser, generated into `web/src/wire`: the types, how each is read from
//! what came over the network, the limits, and what its tests try.

mod bodies;
mod readers;
mod shape;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::close::Close;
use crate::limits;
use shape::Shape;

/// What each file begins with.
const HEAD: &str = "// Generated from crates/wire by `scripts/generate`. Do not edit.\n\n";

/// Every file, by its path in `web/src/wire`.
///
/// # Panics
///
/// Never: writing to a `String` cannot fail, and whatever is referred to is a type of ours.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    let shapes = shape::all();
    let sent = readers::sent(&shapes);
    vec![
        ("messages.ts", messages(&shapes, &sent)),
        ("limits.ts", limits_file()),
        ("readers.ts", readers::for_links(&shapes)),
        ("office-readers.ts", readers::for_the_office(&shapes)),
        ("testing/bodies.json", bodies::file(&shapes, &sent)),
    ]
}

#[expect(clippy::expect_used, reason = "each says why it holds")]
fn messages(shapes: &[Shape], sent: &BTreeSet<String>) -> String {
    let mut out = HEAD.to_owned();
    for shape in shapes {
        let declaration = shape.declaration.trim_end_matches(';');
        let more = if !shape.is_enum() || !sent.contains(&shape.name) {
            ""
        } else if shape.schema.get("enum").is_some() {
            " | \"unknown\""
        } else {
            " | { \"type\": \"unknown\", }"
        };
        write!(out, "export {declaration}{more};\n\n").expect("a String takes everything");
    }
    out.push_str("/** Close codes, and what a client may do after each. */\n");
    out.push_str(
        "export const CLOSES: Readonly<Record<number, { close: Close; comeBack: ComeBack }>> = {\n",
    );
    for close in Close::ALL {
        let name = serde_json::to_string(&close).expect("an enum of plain names");
        let come_back = serde_json::to_string(&close.come_back()).expect("an enum of plain names");
        let code = close.code();
        writeln!(out, "  {code}: {{ close: {name}, comeBack: {come_back} }},")
            .expect("a String takes everything");
    }
    write!(
        out,
        "}};\n\nexport const SUBPROTOCOL = \"{}\";\nexport const SOCKET_PATH = \"{}\";\n",
        crate::SUBPROTOCOL,
        crate::SOCKET_PATH
    )
    .expect("a String takes everything");
    out
}

#[expect(clippy::expect_used, reason = "it says why it holds")]
fn limits_file() -> String {
    let mut out = HEAD.to_owned();
    for (name, limit) in limits::FOR_THE_BROWSER {
        writeln!(out, "export const {name} = {limit};").expect("a String takes everything");
    }
    out
}
