//! What is generated from the types is up to date.

use std::fs;

use crate::files::{crate_folder, texts};

#[test]
fn what_the_browser_has_is_what_the_types_say() {
    for (name, text) in wire::typescript::files() {
        let path = crate_folder().join("../../web/src/wire").join(name);
        let written = fs::read_to_string(&path).expect("it is there");
        let path = path.display();
        assert!(
            written == text,
            "{path} is not what the types say: run scripts/generate"
        );
    }
}

fn page() -> String {
    fs::read_to_string(crate_folder().join("PROTOCOL.md")).expect("it is there")
}

/// PROTOCOL.md leads to every sample; where it shows one, it shows the file as it stands.
#[test]
fn the_protocols_page_shows_the_samples_as_they_are() {
    let page = page();
    let mut shown = 0;
    for (name, text) in texts("", "json") {
        let link = format!("](samples/{name}.json)");
        assert!(page.contains(&link), "PROTOCOL.md does not lead to {name}");
        let block = format!("[{name}{link}\n\n```json\n{text}```\n");
        shown += page.matches(&block).count();
    }
    assert_eq!(
        page.matches("```json").count(),
        shown,
        "a sample is not its file"
    );
}

/// Every code of the table stands in PROTOCOL.md with its name and what a client may do.
#[test]
fn the_protocols_page_tells_every_close_code() {
    let page = page();
    for close in wire::close::Close::ALL {
        let name = serde_json::to_string(&close).expect("a plain name");
        let come_back = serde_json::to_string(&close.come_back()).expect("a plain name");
        let plain = |it: &str| it.trim_matches('"').to_owned();
        let row = format!(
            "| {} | `{}` | {} |",
            close.code(),
            plain(&name),
            plain(&come_back)
        );
        assert!(page.contains(&row), "PROTOCOL.md lacks: {row}");
    }
}

/// Every code of a refusal stands in HTTP.md with its status.
#[test]
fn the_apis_page_tells_every_code() {
    let page = fs::read_to_string(crate_folder().join("HTTP.md")).expect("it is there");
    for code in wire::http::ProblemCode::ALL {
        let name = serde_json::to_string(&code).expect("a plain name");
        let row = format!("| {} | `{}` |", code.status(), name.trim_matches('"'));
        assert!(page.contains(&row), "HTTP.md lacks: {row}");
    }
    for code in wire::http::FieldCode::ALL {
        let name = serde_json::to_string(&code).expect("a plain name");
        let row = format!("\n| `{}` | ", name.trim_matches('"'));
        assert!(page.contains(&row), "HTTP.md lacks: {row}");
    }
}
