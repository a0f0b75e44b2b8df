//! What is wrong with a part of the program stands on the office's pages and in the metrics, as long as
//! it is so.

use serde_json::{Value, json};
use sfu::Standing;

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
