//! Two records of one person at the office's table: shown, made one, parted, told apart (DIR-13).
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};

use crate::support::school::{Evening, attempt};

#[tokio::test]
async fn two_records_of_one_person_are_made_one_and_two_again() {
    let it = Evening::open().await;
    let school = &it.school;
    let maria = it.contacts[0].clone();
    let name = school
        .done("GET", &format!("/contacts/{maria}"), &Value::Null)
        .await["name"]
        .clone();
    let twin = json!({"name": name, "email": "twin@x.example", "students": [it.ana, it.cem]});
    let twin = school.made("/contacts", &twin).await;
    let key = school.parent(&it.evening, &twin).await;
    let starts = it.starts().await;
    let booked = it
        .book(&key, &it.cem, &it.maths, &starts[2], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);

    let alike = async || school.done("GET", "/alike", &Value::Null).await;
    let pairs = alike().await;
    assert_eq!(pairs["pairs"].as_array().map(Vec::len), Some(1), "{pairs}");
    assert_eq!(pairs["pairs"][0]["alike"], "name");
    let ask = async |what: &str| {
        let path = format!("/contacts/{maria}/{what}");
        school.ask("POST", &path, &json!({"other": twin})).await
    };
    let preview: Value = ask("join/preview").await.json();
    assert_eq!(preview["appointments"], 1, "{preview}");
    assert_eq!(
        alike().await["pairs"],
        pairs["pairs"],
        "nothing has changed"
    );
    let joined: Value = ask("join").await.json();
    assert_eq!(joined, preview);
    let shown = alike().await;
    assert_eq!(shown["pairs"], json!([]));
    assert_eq!(shown["joined"][0]["gone"], json!(twin));
    // Maria's own link had been made before: that of the record that went is dead.
    let dead = school.by(&key, "", json!({})).await;
    assert_eq!(dead.status, 404, "{}", dead.body);
    let seen = school.granted(&it.maria, "/parent", json!({})).await;
    assert!(seen.to_string().contains(&it.cem), "{seen}");

    assert_eq!(ask("part").await.status, 204);
    assert_eq!(ask("part").await.status, 404);
    assert_eq!(alike().await["pairs"], pairs["pairs"]);
    assert_eq!(ask("other-person").await.status, 204);
    assert_eq!(alike().await["pairs"], json!([]));

    clashes(&it, &twin, &starts).await;
}

/// What one person can have once is decided first.
async fn clashes(it: &Evening, twin: &str, starts: &[String]) {
    let school = &it.school;
    for key in [&it.maria, &school.parent(&it.evening, twin).await] {
        let booked = it
            .book(key, &it.ana, &it.french, &starts[4], &attempt())
            .await;
        let again = it
            .book(key, &it.ana, &it.french, &starts[5], &attempt())
            .await;
        assert!(
            booked.status == 200 || again.status == 200,
            "{}",
            again.body
        );
    }
    let path = format!("/contacts/{}/join", it.contacts[0]);
    let clash = school.ask("POST", &path, &json!({"other": twin})).await;
    let problem: Value = clash.json();
    assert_eq!(
        (clash.status, &problem["code"]),
        (409, &json!("records_clash"))
    );
}
