//! Whoever of the staff has left, and messages kept as files, go (DIR-10, OPS-7).
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::database::schema;
use crate::rooms::choose_password;
use crate::support::request::Answer;
use crate::support::school::School;
use crate::support::{PATIENCE, a_moment};

const VI: &str = "vi.lindgren@hillroad.example";

/// Whoever was added, by their id.
async fn id_of(school: &School, name: &str) -> String {
    let all = school.done("GET", "/members", &Value::Null).await;
    let all = all["members"].as_array().expect("a list");
    let one = all.iter().find(|it| it["name"] == name).expect("there");
    one["id"].as_str().expect("an id").to_owned()
}

fn field_of(answer: &Answer) -> (u16, Value) {
    let problem: Value = answer.json();
    (answer.status, problem["fields"][0]["code"].clone())
}

async fn an_owner_erases_whoever_left(mut school: School) {
    let owner = school.session.clone();
    let draft = json!({"name": "Vi Lindgren", "email": VI, "role": "owner"});
    let made = school.done("POST", "/members", &draft).await;
    choose_password(&mut school, made["url"].as_str().expect("a link")).await;
    let hers = std::mem::replace(&mut school.session, owner);
    let (ada, vi) = (
        id_of(&school, "Ada Office").await,
        id_of(&school, "Vi Lindgren").await,
    );
    let of = |id: &str| format!("/members/{id}/erase");
    let oneself = school.ask("POST", &of(&ada), &Value::Null).await;
    assert_eq!(field_of(&oneself), (422, json!("own_account")));

    let all = school.done("GET", "/members", &Value::Null).await;
    assert_eq!(all.get("left"), None, "nobody has left");
    school
        .done("DELETE", &format!("/members/{vi}"), &Value::Null)
        .await;
    let all = school.done("GET", "/members", &Value::Null).await;
    let left = &all["left"][0];
    assert_eq!((&left["id"], &left["email"]), (&json!(vi), &json!(VI)));
    school.done("POST", &of(&vi), &Value::Null).await;
    let all = school.done("GET", "/members", &Value::Null).await;
    assert_eq!(all.get("left"), None, "she is erased");
    let log = school.done("GET", "/audit", &Value::Null).await;
    assert_eq!(log["rows"][0]["what"], "erased");
    assert_eq!(log["rows"][0]["about"], format!("staff:{vi}"));
    assert!(!log.to_string().contains("Lindgren"), "nobody is named");
    let again = school.ask("POST", &of(&vi), &Value::Null).await;
    assert_eq!(again.status, 404, "{}", again.body);

    let own = std::mem::replace(&mut school.session, hers);
    let gone = school.ask("GET", "/session", &Value::Null).await;
    assert_eq!(gone.status, 401, "{}", gone.body);
    school.session = own;
    // Somebody of that address is somebody new, and goes at once where they are erased while they may sign in.
    let made = school.done("POST", "/members", &draft).await;
    let again = id_of(&school, "Vi Lindgren").await;
    assert_ne!(again, vi);
    school.done("POST", &of(&again), &Value::Null).await;
    let url = made["url"].as_str().expect("a link");
    let (_, secret) = url.split_once("/setup#").expect("a set-up link");
    let asked = json!({ "secret": secret });
    let dead = school.ask("POST", "/setup/check", &asked).await;
    assert_eq!(dead.json::<Value>()["code"], "set_up_done");
}

#[tokio::test]
async fn an_owner_erases_whoever_left_and_never_themselves() {
    an_owner_erases_whoever_left(School::open().await).await;
}

#[tokio::test]
async fn an_owner_erases_whoever_left_on_postgres() {
    an_owner_erases_whoever_left(School::open_on(schema().await).await).await;
}

/// Mail that was kept as files before a mail server was set goes as well, with what the records know of it.
#[tokio::test]
async fn files_of_messages_go_though_a_mail_server_is_set_by_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let [mail, texts] = ["mail", "texts"].map(|it| folder.path().join(it));
    for (within, file) in [(&mail, "1a.2b.eml"), (&texts, "1a.2b.txt")] {
        std::fs::create_dir(within).expect("a folder");
        std::fs::write(within.join(file), "To: somebody who was erased").expect("written");
        std::fs::write(within.join("notes"), "not ours").expect("written");
    }
    let mut settings = School::settings();
    folder.path().clone_into(&mut settings.data.folder);
    settings.mail.host = Some("127.0.0.1".to_owned());
    settings.mail.port = Some(9);
    let _school = School::open_in(folder, &settings).await;
    let files = || {
        let all = [&mail, &texts].map(|it| std::fs::read_dir(it).expect("there").count());
        all.iter().sum::<usize>()
    };
    let are_gone = async {
        while files() > 2 {
            a_moment().await;
        }
    };
    timeout(PATIENCE, are_gone).await.expect("they are removed");
}
