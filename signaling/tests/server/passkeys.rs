//! Passkeys of the staff (OPS-7): beside the password, in the place of a code, at every door.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};
use signaling::PublicUrl;

use crate::accounts::code;
use crate::hats::{Browser, MARIA, OF_STAFF, with_hat, with_hat_under};
use crate::support::school::{Evening, School};
use crate::support::security_key::{Said, SecurityKey};

/// What people type: browsers have passkeys there.
pub(crate) const PAGE: &str = "http://localhost:8080";

const OWN: &str = "/staff/second-factor";
const PASSKEYS: &str = "/staff/second-factor/passkeys";
const DOORS: [&str; 2] = ["/session", "/account/session"];

/// As a browser on our pages has it.
pub(crate) fn proper(ceremony: &str, challenge: &str) -> Said {
    Said::properly(ceremony, (PAGE, "localhost"), challenge)
}

async fn world() -> Evening {
    let mut settings = School::settings();
    settings.http.public_url = PublicUrl::parse(PAGE);
    with_hat_under(settings).await
}

async fn signed_in(it: &Evening) -> Browser<'_> {
    let mut browser = Browser::of(it);
    let signed_in = browser.sign_in("/session", OF_STAFF).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    browser
}

/// Asks for a passkey to be made: the challenge.
async fn wish(browser: &mut Browser<'_>) -> String {
    let asked = json!({"password": OF_STAFF});
    let new = browser
        .ask("POST", &format!("{PASSKEYS}/new"), &asked)
        .await;
    assert_eq!(new.status, 200, "{}", new.body);
    let new: Value = new.json();
    assert_eq!(new["domain"], "localhost");
    assert_eq!(new["timeout_ms"], 300_000);
    new["challenge"].as_str().expect("a challenge").to_owned()
}

/// A passkey of whoever is signed in there, and the recovery codes that came with it.
async fn add(browser: &mut Browser<'_>, key: &SecurityKey) -> Value {
    let challenge = wish(browser).await;
    let mut draft = key.made(&proper("create", &challenge));
    draft["name"] = json!("My laptop");
    let added = browser.ask("POST", PASSKEYS, &draft).await;
    assert_eq!(added.status, 200, "{}", added.body);
    added.json::<Value>()["codes"].clone()
}

/// Whoever knows the password is asked for a passkey: what there is to sign.
async fn asked_at_door(it: &Evening) -> Value {
    let asked = json!({"email": MARIA, "password": OF_STAFF});
    let asked = Browser::of(it)
        .ask("POST", "/session/passkey", &asked)
        .await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    asked.json()
}

async fn challenge_at_door(it: &Evening) -> String {
    let asked = asked_at_door(it).await;
    asked["challenge"].as_str().expect("a challenge").to_owned()
}

/// What comes of showing that at a door beside the password, and what it opens.
async fn opened(it: &Evening, door: &str, passkey: &Value) -> (String, [bool; 2]) {
    let mut browser = Browser::of(it);
    let asked = json!({"email": MARIA, "password": OF_STAFF, "passkey": passkey});
    let answer = browser.ask("POST", door, &asked).await;
    let said = if answer.status == 200 {
        String::new()
    } else {
        assert_eq!(answer.status, 401, "{}", answer.body);
        code(&answer)
    };
    (said, browser.opens().await)
}

fn refused(how: &str) -> (String, [bool; 2]) {
    (how.to_owned(), [false, false])
}

fn both() -> (String, [bool; 2]) {
    (String::new(), [true, true])
}

async fn logged(it: &Evening, action: &str) -> usize {
    let log = it.school.store.audit_log(None, 200).await.expect("records");
    log.iter().filter(|it| it.action == action).count()
}

#[tokio::test]
async fn a_passkey_opens_both_doors_beside_the_password_and_each_answer_once() {
    let it = world().await;
    assert_eq!(
        asked_at_door(&it).await["challenge"],
        "",
        "there is none yet"
    );
    let [mut own, mut other] = [signed_in(&it).await, signed_in(&it).await];
    let key = SecurityKey::new();
    let codes = add(&mut own, &key).await;
    assert_eq!(codes.as_array().map(Vec::len), Some(10));
    assert_eq!(own.opens().await, [true, true]);
    assert_eq!(other.opens().await, [false, false], "it began without");
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(
        (&stands["app"], &stands["codes_left"]),
        (&json!(false), &json!(10))
    );
    assert_eq!(stands["takes_passkeys"], true);
    assert_eq!(stands["passkeys"][0]["name"], "My laptop");
    assert_eq!(stands["passkeys"][0]["used"], Value::Null);

    let asked = asked_at_door(&it).await;
    assert_eq!(
        asked["known"],
        json!([{"id": key.id(), "transports": ["usb"]}])
    );
    assert_eq!(asked["domain"], "localhost");
    for door in DOORS {
        let plain = own.sign_in(door, OF_STAFF).await;
        assert_eq!(code(&plain), "code_needed", "{door}");
        let challenge = challenge_at_door(&it).await;
        let shown = key.signed(&proper("get", &challenge));
        assert_eq!(opened(&it, door, &shown).await, both(), "{door}");
        for again in DOORS {
            assert_eq!(opened(&it, again, &shown).await, refused("wrong_code"));
        }
    }
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert!(stands["passkeys"][0]["used"].is_string());
    // A recovery code is the other way.
    let asked = json!({"email": MARIA, "password": OF_STAFF, "code": codes[0]});
    let by_code = Browser::of(&it).ask("POST", "/session", &asked).await;
    assert_eq!(by_code.status, 200, "{}", by_code.body);
    // No app shows a code here.
    let asked = json!({"email": MARIA, "password": OF_STAFF, "code": "123456"});
    let by_code = Browser::of(&it).ask("POST", "/session", &asked).await;
    assert_eq!(code(&by_code), "wrong_code");
    assert_eq!(logged(&it, "passkey_added").await, 1);
    assert_eq!(logged(&it, "second_factor_added").await, 1);
}

#[tokio::test]
async fn what_is_not_of_this_person_page_and_moment_opens_nothing() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    let (key, foreign) = (SecurityKey::new(), SecurityKey::new());
    add(&mut own, &key).await;
    // Another's, who is registered here as well: Ada's, of the office.
    let school = &it.school;
    let asked = json!({"password": "correct horse battery"});
    let new = school
        .done("POST", &format!("{PASSKEYS}/new"), &asked)
        .await;
    let challenge = new["challenge"].as_str().expect("a challenge");
    let mut draft = foreign.made(&proper("create", challenge));
    draft["name"] = json!("Ada's");
    school.done("POST", PASSKEYS, &draft).await;
    let door = DOORS[0];
    let challenge = challenge_at_door(&it).await;
    let shown = foreign.signed(&proper("get", &challenge));
    assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    // Her credential with another's signature.
    let challenge = challenge_at_door(&it).await;
    let mut shown = foreign.signed(&proper("get", &challenge));
    shown["id"] = json!(key.id());
    assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    // What somebody else was asked.
    let asked = json!({"email": "ada@hillroad.example", "password": "correct horse battery"});
    let asked = Browser::of(&it)
        .ask("POST", "/session/passkey", &asked)
        .await;
    let asked: Value = asked.json();
    let shown = key.signed(&proper("get", asked["challenge"].as_str().expect("one")));
    assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    // What she was asked on a page, and to make another by.
    let on_page = own
        .ask("POST", &format!("{PASSKEYS}/ask"), &json!({}))
        .await;
    let on_page: Value = on_page.json();
    let on_page = on_page["challenge"].as_str().expect("one").to_owned();
    let to_make = wish(&mut own).await;
    let never = "A".repeat(43);
    for challenge in [&on_page, &to_make, &never] {
        let shown = key.signed(&proper("get", challenge));
        assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    }
    // A page of another site, and a handle of another person.
    let challenge = challenge_at_door(&it).await;
    let elsewhere = Said {
        origin: "http://localhost:8081".to_owned(),
        ..proper("get", &challenge)
    };
    let shown = key.signed(&elsewhere);
    assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    let mut shown = key.signed(&proper("get", &challenge));
    shown["user"] = json!("AAAA");
    assert_eq!(opened(&it, door, &shown).await, refused("wrong_code"));
    let challenge = challenge_at_door(&it).await;
    let shown = key.signed(&proper("get", &challenge));
    assert_eq!(opened(&it, door, &shown).await, both());
}

#[tokio::test]
async fn one_that_counts_less_than_it_did_opens_nothing() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    let key = SecurityKey::new();
    add(&mut own, &key).await;
    for (count, opens) in [(5, true), (5, false), (4, false), (0, false), (6, true)] {
        let challenge = challenge_at_door(&it).await;
        let counted = Said {
            count,
            ..proper("get", &challenge)
        };
        let came = opened(&it, DOORS[0], &key.signed(&counted)).await;
        let expected = if opens { both() } else { refused("wrong_code") };
        assert_eq!(came, expected, "{count}");
    }
    assert_eq!(logged(&it, "passkey_copied").await, 3);
}

#[tokio::test]
async fn what_a_browser_has_not_made_for_this_page_is_not_added() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    let wrong = json!({"password": "not hers at all"});
    let wrong = own.ask("POST", &format!("{PASSKEYS}/new"), &wrong).await;
    assert_eq!(code(&wrong), "wrong_password");
    let key = SecurityKey::new();
    let challenge = wish(&mut own).await;
    let elsewhere = Said {
        origin: "https://evil.example".to_owned(),
        ..proper("create", &challenge)
    };
    let on_page = own
        .ask("POST", &format!("{PASSKEYS}/ask"), &json!({}))
        .await;
    assert_eq!(on_page.json::<Value>()["challenge"], "");
    let never = proper("create", &"A".repeat(43));
    for said in [&elsewhere, &never, &proper("get", &challenge)] {
        let mut draft = key.made(said);
        draft["name"] = json!("My laptop");
        let added = own.ask("POST", PASSKEYS, &draft).await;
        assert_eq!(code(&added), "wrong_code", "{}", added.body);
    }
    // Not in another session either, where the password was not shown.
    let mut draft = key.made(&proper("create", &challenge));
    draft["name"] = json!("My laptop");
    let mut other = signed_in(&it).await;
    assert_eq!(
        code(&other.ask("POST", PASSKEYS, &draft).await),
        "wrong_code"
    );
    draft["name"] = json!("");
    assert_eq!(code(&own.ask("POST", PASSKEYS, &draft).await), "invalid");
    draft["name"] = json!("My laptop");
    let added = own.ask("POST", PASSKEYS, &draft).await;
    assert_eq!(added.status, 200, "{}", added.body);
    let again = own.ask("POST", PASSKEYS, &draft).await;
    assert_eq!(code(&again), "wrong_code", "once");
    // The same once more, by another challenge.
    let challenge = wish(&mut own).await;
    let mut draft = key.made(&proper("create", &challenge));
    draft["name"] = json!("Again");
    let again = own.ask("POST", PASSKEYS, &draft).await;
    assert_eq!(code(&again), "changed_meanwhile");
}

#[tokio::test]
async fn it_is_taken_away_by_another_way_and_the_last_takes_the_second_step_along() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    let [first, second] = [SecurityKey::new(), SecurityKey::of(-8)];
    let codes = add(&mut own, &first).await;
    assert_eq!(add(&mut own, &second).await, json!([]), "they have codes");
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    let ids = stands["passkeys"].as_array().expect("a list");
    let path = |id: &Value| format!("{PASSKEYS}/{}/remove", id["id"].as_str().expect("an id"));
    let ask = format!("{PASSKEYS}/ask");
    let challenge = own.ask("POST", &ask, &json!({})).await.json::<Value>();
    let challenge = challenge["challenge"].as_str().expect("one").to_owned();
    // What she was asked at the door is not good on a page.
    let at_door = challenge_at_door(&it).await;
    for (asked, why) in [
        (
            json!({"password": "not hers", "code": codes[0]}),
            "wrong_password",
        ),
        (json!({"password": OF_STAFF}), "code_needed"),
        (json!({"password": OF_STAFF, "code": "aaaa"}), "wrong_code"),
        (
            json!({"password": OF_STAFF, "passkey": first.signed(&proper("get", &at_door))}),
            "wrong_code",
        ),
    ] {
        let answer = own.ask("POST", &path(&ids[0]), &asked).await;
        assert_eq!(code(&answer), why, "{}", answer.body);
    }
    let shown = second.signed(&proper("get", &challenge));
    let asked = json!({"password": OF_STAFF, "passkey": shown});
    let removed = own.ask("POST", &path(&ids[0]), &asked).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    let gone = json!({"password": OF_STAFF, "code": codes[1]});
    let gone = own.ask("POST", &path(&ids[0]), &gone).await;
    assert_eq!(code(&gone), "not_found");
    let asked = json!({"password": OF_STAFF, "code": codes[2]});
    let removed = own.ask("POST", &path(&ids[1]), &asked).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(stands["since"], Value::Null);
    let plain = Browser::of(&it).sign_in(DOORS[0], OF_STAFF).await;
    assert_eq!(plain.status, 200, "{}", plain.body);
    assert_eq!(logged(&it, "passkey_removed").await, 2);
    assert_eq!(logged(&it, "second_factor_removed").await, 1);
}

#[tokio::test]
async fn an_app_and_passkeys_stand_beside_each_other_and_an_owner_takes_all() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    let key = SecurityKey::new();
    add(&mut own, &key).await;
    let new = own.ask("POST", &format!("{OWN}/new"), &json!({})).await;
    let secret = new.json::<Value>()["secret"].clone();
    let shown = crate::second_factor::shown(secret.as_str().expect("one"), 0);
    let draft = json!({"secret": secret, "code": shown, "password": OF_STAFF});
    let added = own.ask("PUT", OWN, &draft).await;
    assert_eq!(added.json::<Value>()["codes"], json!([]), "they have codes");
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(
        (&stands["app"], &stands["codes_left"]),
        (&json!(true), &json!(10))
    );
    let next = crate::second_factor::shown(secret.as_str().expect("one"), 1);
    let asked = json!({"email": MARIA, "password": OF_STAFF, "code": next});
    let by_code = Browser::of(&it).ask("POST", DOORS[0], &asked).await;
    assert_eq!(by_code.status, 200, "{}", by_code.body);
    let members = it.school.done("GET", "/members", &Value::Null).await;
    let members = members["members"].as_array().expect("a list");
    let maria = members.iter().find(|it| it["second_factor"] == true);
    let id = maria.expect("she has one")["id"].clone();
    let path = format!(
        "/members/{}/second-factor/remove",
        id.as_str().expect("an id")
    );
    let asked = json!({"password": "correct horse battery"});
    it.school.done("POST", &path, &asked).await;
    assert_eq!(own.opens().await, [false, false]);
    let challenge = asked_after_reset(&it).await;
    assert_eq!(
        challenge, "wrong_password",
        "her password has ended with it"
    );
}

async fn asked_after_reset(it: &Evening) -> String {
    let asked = json!({"email": MARIA, "password": OF_STAFF});
    let asked = Browser::of(it)
        .ask("POST", "/session/passkey", &asked)
        .await;
    code(&asked)
}

#[tokio::test]
async fn there_are_none_where_browsers_have_none() {
    // It is reached by an address.
    let it = with_hat().await;
    let mut own = signed_in(&it).await;
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(stands["takes_passkeys"], false);
    let asked = json!({"password": OF_STAFF});
    let new = own.ask("POST", &format!("{PASSKEYS}/new"), &asked).await;
    assert_eq!(code(&new), "not_found");
    let key = SecurityKey::new();
    let mut draft = key.made(&proper("create", &"A".repeat(43)));
    draft["name"] = json!("My laptop");
    let added = own.ask("POST", PASSKEYS, &draft).await;
    assert_eq!(code(&added), "not_found");
    assert_eq!(asked_at_door(&it).await["challenge"], "");
}

#[tokio::test]
async fn who_does_not_know_the_password_is_asked_for_nothing() {
    let it = world().await;
    let mut own = signed_in(&it).await;
    add(&mut own, &SecurityKey::new()).await;
    for (email, password) in [
        (MARIA, "not hers at all"),
        ("nobody@x.example", OF_STAFF),
        ("no address", OF_STAFF),
    ] {
        let asked = json!({"email": email, "password": password});
        let asked = Browser::of(&it)
            .ask("POST", "/session/passkey", &asked)
            .await;
        assert_eq!(code(&asked), "wrong_password", "{email}");
    }
}
