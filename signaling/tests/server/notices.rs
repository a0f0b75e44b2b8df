//! What is wrong with a part of the program stands on the office's pages and in the metrics, as long as
//! it is so.

use serde_json::{Value, json};
use sfu::Standing;
use signaling::PublicUrl;

use crate::support::request::get;
use crate::support::school::School;

/// How a part is, as the metrics have it.
async fn up(school: &School, part: &str) -> Option<u64> {
    let metrics = get(school.address, "/metrics").await.body;
    let line = format!("homeroom_part_up{{part=\"{part}\"}} ");
    let up = metrics.lines().find_map(|it| it.strip_prefix(&line));
    up.map(|it| it.parse().expect("0 or 1"))
}

#[tokio::test]
async fn a_part_that_fails_is_a_notice_to_the_office_and_down_in_the_metrics() {
    let school = School::open().await;
    let notices = async || school.done("GET", "/notices", &Value::Null).await;
    for part in ["media", "connections", "post", "retention", "mail"] {
        assert_eq!(up(&school, part).await, Some(1), "{part}");
    }
    assert_eq!(notices().await, json!({"notices": []}));
    for _ in 0..2 {
        school.media.set_standing(Standing {
            down: vec![0],
            ..Standing::default()
        });
        let text = "Worker 0 ended and is started anew.";
        let said = json!({"notices": [{"part": "media", "text": text}]});
        assert_eq!(notices().await, said);
        assert_eq!(up(&school, "media").await, Some(0));
        assert_eq!(up(&school, "post").await, Some(1));
        school.media.set_standing(Standing::default());
        assert_eq!(notices().await, json!({"notices": []}));
        assert_eq!(up(&school, "media").await, Some(1));
    }
}

/// Where a mail server is to be set, the office reads it; at one's own machine files are as good.
#[tokio::test]
async fn e_mails_that_reach_nobody_are_a_notice_to_the_office() {
    let mut settings = School::settings();
    settings.http.public_url = PublicUrl::parse("https://calls.hillroad.example");
    let school = School::open_with(settings).await;
    let said = school.done("GET", "/notices", &Value::Null).await;
    let [notice] = said["notices"].as_array().map_or(&[][..], Vec::as_slice) else {
        panic!("not one notice: {said}");
    };
    assert_eq!(notice["part"], "mail");
    let text = notice["text"].as_str().unwrap_or_default();
    assert!(text.contains("mail.smtp_host"), "{text}");
}
