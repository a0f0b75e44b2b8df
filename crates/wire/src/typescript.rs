//! The same shapes for the browser, generated: `web/src/wire/messages.ts`.

use std::fmt::Write as _;

use ts_rs::{Config, TS};

use crate::close::{Close, ComeBack};
use crate::{http, message};

/// The whole TypeScript file.
///
/// # Panics
///
/// Never: writing to a `String` cannot fail.
#[must_use]
#[expect(clippy::expect_used, reason = "each says why it holds")]
pub fn file() -> String {
    let config = Config::default();
    let mut out =
        String::from("// Generated from crates/wire by `scripts/generate`. Do not edit.\n\n");
    for declaration in [
        message::ClientMessage::decl(&config),
        message::ServerMessage::decl(&config),
        message::Session::decl(&config),
        message::CallInfo::decl(&config),
        message::Person::decl(&config),
        message::Sends::decl(&config),
        message::Role::decl(&config),
        message::Notice::decl(&config),
        message::RefusedCode::decl(&config),
        message::GoodbyeReason::decl(&config),
        Close::decl(&config),
        ComeBack::decl(&config),
        http::LinkRequest::decl(&config),
        http::LinkView::decl(&config),
        http::Other::decl(&config),
        http::TicketRequest::decl(&config),
        http::TicketGranted::decl(&config),
        http::Problem::decl(&config),
        http::ProblemCode::decl(&config),
    ] {
        out.push_str("export ");
        out.push_str(&declaration);
        out.push_str("\n\n");
    }
    out.push_str("/** Close codes, and what a client may do after each. */\n");
    out.push_str(
        "export const CLOSES: Readonly<Record<number, { close: Close; comeBack: ComeBack }>> = {\n",
    );
    for close in Close::ALL {
        let name = serde_json::to_string(&close).expect("an enum of plain names");
        let come_back = serde_json::to_string(&close.come_back()).expect("an enum of plain names");
        writeln!(
            out,
            "  {}: {{ close: {name}, comeBack: {come_back} }},",
            close.code()
        )
        .expect("a String takes everything");
    }
    out.push_str("};\n");
    writeln!(
        out,
        "\nexport const SUBPROTOCOL = \"{}\";",
        crate::SUBPROTOCOL
    )
    .expect("a String takes everything");
    writeln!(
        out,
        "export const SOCKET_PATH = \"{}\";",
        crate::SOCKET_PATH
    )
    .expect("a String takes everything");
    out
}
