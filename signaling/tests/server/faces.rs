//! How a school looks (OPS-9), over HTTP.

use serde_json::{Value, json};

use crate::support::request::{get, request};
use crate::support::school::School;

/// The first bytes of a picture of 300 by 80 pixels.
pub(crate) fn webp() -> String {
    // The body of a request is text here: a picture whose bytes are, as far as they are looked at.
    let bytes = "RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\u{2b}\u{1}\0\u{4f}\0\0";
    bytes.to_owned()
}

async fn upload(school: &School, kind: &str, body: &str) -> crate::support::request::Answer {
    let headers = [
        ("Content-Type", kind),
        ("Cookie", school.session.0.as_str()),
        ("X-Homeroom-Csrf", school.session.1.as_str()),
    ];
    request(school.address, "PUT", "/api/v1/school/logo", &headers, body).await
}

#[tokio::test]
async fn a_colour_that_cannot_be_read_is_refused_and_a_shade_is_offered() {
    let school = School::open().await;
    let face = async || school.done("GET", "/school/face", &Value::Null).await;
    assert_eq!(face().await, json!({}));
    let asked = json!({"accent": "#ff9900"});
    let answer = school.done("PUT", "/school/accent", &asked).await;
    assert_eq!(answer["face"], json!({}), "nothing is changed");
    let contrast = answer["faint"]["contrast"].as_u64().expect("a figure");
    assert!((180..=200).contains(&contrast), "{contrast}");
    let nearest = answer["faint"]["nearest"].clone();
    let asked = json!({"accent": nearest});
    let answer = school.done("PUT", "/school/accent", &asked).await;
    assert_eq!(answer, json!({"face": {"accent": nearest}}));
    for bad in ["red", "#fff", "#12345", "#1234567", "url(x)"] {
        let asked = json!({"accent": bad});
        let answer = school.ask("PUT", "/school/accent", &asked).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert_eq!(face().await, json!({"accent": nearest}));
    let asked = json!({"accent": ""});
    let answer = school.done("PUT", "/school/accent", &asked).await;
    assert_eq!(answer, json!({"face": {}}));
}

#[tokio::test]
async fn a_logo_is_a_picture_and_runs_nothing() {
    let school = School::open().await;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>";
    for (kind, body, status) in [
        ("image/png", svg, 422),
        ("image/svg+xml", svg, 400),
        ("text/html", svg, 400),
        ("image/webp", "", 422),
    ] {
        assert_eq!(upload(&school, kind, body).await.status, status, "{kind}");
    }
    let large = webp() + &"x".repeat(200 * 1024);
    assert_eq!(upload(&school, "image/webp", &large).await.status, 413);
    let answer = upload(&school, "image/webp", &webp()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let face: Value = answer.json();
    let path = face["logo"]["path"].as_str().expect("a path").to_owned();
    assert_eq!(
        (&face["logo"]["width"], &face["logo"]["height"]),
        (&json!(300), &json!(80))
    );
    // Anybody may see it, at an address that is of these bytes alone.
    let logo = get(school.address, &path).await;
    assert_eq!((logo.status, logo.body.as_str()), (200, webp().as_str()));
    assert_eq!(logo.header("content-type"), Some("image/webp"));
    assert_eq!(logo.header("x-content-type-options"), Some("nosniff"));
    let kept = logo.header("cache-control").expect("it says so");
    assert!(kept.contains("immutable"), "{kept}");
    let policy = logo.header("content-security-policy").expect("one");
    assert!(
        policy.starts_with("default-src 'none'; sandbox"),
        "{policy}"
    );
    school.done("DELETE", "/school/logo", &Value::Null).await;
    assert_eq!(get(school.address, &path).await.status, 404);
    assert_eq!(
        school.done("GET", "/school/face", &Value::Null).await,
        json!({})
    );
}
