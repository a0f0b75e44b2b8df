//! The staff sign in by the school's provider (OPS-7): one of this test's own, which says what it is told to.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use school::{EmailAddress, Name};
use serde_json::{Value, json};
use signaling::private::Private;
use signaling::renew_password;
use signaling::settings::{Openid, Settings};

use crate::accounts::{PASSWORD as OF_ACCOUNT, code, invite, secret_to};
use crate::hats::{Browser, MARIA, OF_STAFF, with_hat_under};
use crate::support::request::{Answer, request};
use crate::support::school::{Evening, School};

const SECRET: &str = "what/nobody:knows";

/// What the provider does.
struct Says {
    /// Beside what a token needs.
    claims: Value,
    /// What the endpoint beside the token says.
    person: Value,
    /// How often its keys were asked for.
    keys_asked: usize,
    key: (String, EncodingKey),
    /// What it says of itself, where that is not what it is.
    itself: Option<Value>,
    /// By code: the challenge, the nonce, and where to come back.
    codes: BTreeMap<String, [String; 3]>,
    /// What it answers at the token endpoint in the place of a token.
    instead: Option<(StatusCode, String)>,
}

type Shared = Arc<Mutex<Says>>;

/// A provider that runs.
struct Provider {
    issuer: String,
    says: Shared,
}

fn key(id: &str) -> (String, EncodingKey) {
    let key = rcgen::KeyPair::generate().expect("a key");
    (
        id.to_owned(),
        EncodingKey::from_ec_der(&key.serialize_der()),
    )
}

async fn discovery(State((issuer, says)): State<(String, Shared)>) -> Json<Value> {
    let itself = says.lock().expect("whole").itself.clone();
    Json(itself.unwrap_or_else(|| {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/person"),
        })
    }))
}

async fn keys(State((_, says)): State<(String, Shared)>) -> Json<Value> {
    let mut says = says.lock().expect("whole");
    says.keys_asked += 1;
    let (id, key) = &says.key;
    let public = Jwk::from_encoding_key(key, Algorithm::ES256).expect("public");
    let mut public = serde_json::to_value(public).expect("JSON");
    public["kid"] = json!(id);
    drop(says);
    Json(json!({"keys": [{"kty": "oct", "k": "AAAA"}, public]}))
}

async fn token(
    State((issuer, says)): State<(String, Shared)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    use sha2::{Digest as _, Sha256};
    let asked = pairs(&body);
    let mut says = says.lock().expect("whole");
    if let Some((status, body)) = says.instead.clone() {
        return (status, body).into_response();
    }
    // "homeroom" and the secret, each with its escapes (RFC 6749 section 2.3.1).
    let basic = data_encoding::BASE64.encode(b"homeroom:what%2Fnobody%3Aknows");
    let shown = headers["authorization"].to_str().expect("text");
    assert_eq!(shown, format!("Basic {basic}"));
    assert_eq!(asked["grant_type"], "authorization_code");
    let Some([challenge, nonce, back]) = says.codes.remove(&asked["code"]) else {
        let used = json!({"error": "invalid_grant"});
        return (StatusCode::BAD_REQUEST, Json(used)).into_response();
    };
    let verifier = Sha256::digest(asked["code_verifier"].as_bytes());
    assert_eq!(data_encoding::BASE64URL_NOPAD.encode(&verifier), challenge);
    assert_eq!(asked["redirect_uri"], back);
    let now = ambient::now().as_second();
    let mut claims = json!({
        "iss": issuer, "aud": "homeroom", "nonce": nonce, "iat": now, "exp": now + 300,
    });
    for (name, value) in says.claims.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(says.key.0.clone());
    let token = encode(&header, &claims, &says.key.1).expect("signed");
    drop(says);
    Json(json!({"token_type": "Bearer", "access_token": "for more", "id_token": token}))
        .into_response()
}

async fn person(State((_, says)): State<(String, Shared)>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer for more");
    Json(says.lock().expect("whole").person.clone())
}

impl Provider {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/staff");
        let says = Arc::new(Mutex::new(Says {
            claims: json!({"sub": "1"}),
            person: json!({}),
            keys_asked: 0,
            key: key("one"),
            itself: None,
            codes: BTreeMap::new(),
            instead: None,
        }));
        let router = Router::new()
            .route("/staff/.well-known/openid-configuration", get(discovery))
            .route("/staff/keys", get(keys))
            .route("/staff/token", post(token))
            .route("/staff/person", get(person))
            .with_state((issuer.clone(), Arc::clone(&says)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, says }
    }

    fn settings(&self) -> Settings {
        let mut settings = School::settings();
        settings.limits.sign_ins_per_address = 60;
        settings.openid = Openid {
            issuer: Some(self.issuer.clone()),
            client_id: Some("homeroom".to_owned()),
            client_secret: Private::new(SECRET.to_owned()),
            name: Some("Hill Road".to_owned()),
            ..Openid::default()
        };
        settings
    }

    /// It knows whoever signs in from now on as that.
    fn knows(&self, claims: Value) {
        self.says.lock().expect("whole").claims = claims;
    }

    /// Whoever was sent there comes back: the state and the code.
    fn signs_in(&self, url: &str) -> (String, String) {
        let (page, query) = url.split_once('?').expect("a query");
        assert_eq!(page, format!("{}/authorize", self.issuer));
        let asked = pairs(query);
        for (name, value) in [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", "homeroom"),
            ("scope", "openid email profile"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(asked[name], value);
        }
        let back = asked["redirect_uri"].clone();
        assert!(back.ends_with("/openid"), "{back}");
        let code = format!("{:032x}", ambient::random::<u128>());
        let kept = ["code_challenge", "nonce", "redirect_uri"].map(|it| asked[it].clone());
        let mut says = self.says.lock().expect("whole");
        says.codes.insert(code.clone(), kept);
        drop(says);
        (asked["state"].clone(), code)
    }
}

/// A query or a form.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| {
        let mut parts = text.split('%');
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let byte = u8::from_str_radix(&part[..2], 16).expect("two digits");
            whole.push(char::from(byte));
            whole.push_str(&part[2..]);
        }
        whole
    };
    let pairs = text.split('&').filter_map(|it| it.split_once('='));
    pairs
        .map(|(name, it)| (name.to_owned(), decoded(it)))
        .collect()
}

async fn begin(browser: &mut Browser<'_>, to: &str) -> String {
    let begun = browser
        .ask("POST", "/openid/start", &json!({"to": to}))
        .await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let begun: Value = begun.json();
    begun["url"].as_str().expect("an address").to_owned()
}

async fn end(browser: &mut Browser<'_>, (state, code): &(String, String)) -> Answer {
    let shown = json!({"state": state, "code": code});
    browser.ask("POST", "/openid/session", &shown).await
}

/// Whoever the provider knows so signs in: what came of it, and what it opened.
async fn sign_in(it: &Evening, provider: &Provider, claims: Value) -> (Value, [bool; 2]) {
    provider.knows(claims);
    let mut browser = Browser::of(it);
    let back = provider.signs_in(&begin(&mut browser, "/staff").await);
    let answer = end(&mut browser, &back).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let said: Value = answer.json();
    let opened = browser.opens().await;
    assert_eq!(said["staff"].is_object(), opened[0], "{said}");
    (said, opened)
}

fn maria(subject: &str) -> Value {
    json!({"sub": subject, "email": MARIA, "email_verified": true})
}

async fn world() -> (Provider, Evening) {
    let provider = Provider::open().await;
    let it = with_hat_under(provider.settings()).await;
    (provider, it)
}

async fn logged(it: &Evening, action: &str) -> usize {
    let log = it.school.store.audit_log(None, 200).await.expect("read");
    log.iter().filter(|it| it.action == action).count()
}

#[tokio::test]
async fn whoever_the_office_has_entered_signs_in_and_is_known_from_then_on() {
    let (provider, it) = world().await;
    let offer = Browser::of(&it).ask("GET", "/openid", &Value::Null).await;
    assert_eq!(offer.json::<Value>(), json!({"name": "Hill Road"}));
    let (said, opened) = sign_in(&it, &provider, maria("1")).await;
    assert_eq!(
        opened,
        [true, false],
        "what her password opened it has not shown"
    );
    assert_eq!(
        (&said["to"], &said["staff"]["email"]),
        (&json!("/staff"), &json!("Maria@x.example"))
    );
    assert_eq!(logged(&it, "identity_bound").await, 1);
    assert_eq!(logged(&it, "signed_in_by_provider").await, 1);
    // Whatever address she has there by now.
    let moved = json!({"sub": "1", "email": "santos@x.example"});
    assert_eq!(sign_in(&it, &provider, moved).await.1, [true, false]);
    let members = it.school.done("GET", "/members", &Value::Null).await;
    let members = members["members"].as_array().expect("members");
    let of = |email: &str| {
        members
            .iter()
            .find(|it| it["email"] == email)
            .expect("there")
    };
    assert_eq!(of("Maria@x.example")["identified"], true);
    assert_eq!(of("ada@hillroad.example")["identified"], Value::Null);
}

#[tokio::test]
async fn nobody_else_is_let_in_and_each_is_told_why() {
    let (provider, it) = world().await;
    let unverified = json!({"sub": "2", "email": MARIA, "preferred_username": MARIA});
    let stranger = json!({"sub": "3", "email": "zoe@x.example", "email_verified": true});
    let nameless = json!({"sub": "4"});
    let said = async |claims: Value| {
        provider.says.lock().expect("whole").person = json!({"sub": claims["sub"]});
        let (said, opened) = sign_in(&it, &provider, claims).await;
        assert_eq!(opened, [false, false], "{said}");
        (said["refused"].clone(), said["email"].clone())
    };
    assert_eq!(said(unverified).await, (json!("no_address"), json!(MARIA)));
    assert_eq!(
        said(stranger).await,
        (json!("not_entered"), json!("zoe@x.example"))
    );
    assert_eq!(said(nameless).await, (json!("no_address"), Value::Null));
    assert_eq!(logged(&it, "sign_in_failed").await, 3);
    // Maria signs in; then her address is given to somebody else.
    assert_eq!(sign_in(&it, &provider, maria("1")).await.1, [true, false]);
    assert_eq!(said(maria("5")).await, (json!("otherwise"), json!(MARIA)));
    // The office knows that she has another account there by now.
    let members = it.school.done("GET", "/members", &Value::Null).await;
    let members = members["members"].as_array().expect("members").clone();
    let own = members.iter().find(|it| it["email"] == "Maria@x.example");
    let path = format!(
        "/members/{}",
        own.expect("there")["id"].as_str().expect("an id")
    );
    let identity = format!("{path}/identity");
    let unbound = it.school.ask("DELETE", &identity, &json!({})).await;
    assert_eq!(unbound.status, 204, "{}", unbound.body);
    let again = it.school.ask("DELETE", &identity, &json!({})).await;
    assert_eq!((again.status, code(&again).as_str()), (404, "not_found"));
    assert_eq!(sign_in(&it, &provider, maria("5")).await.1, [true, false]);
    assert_eq!(said(maria("1")).await, (json!("otherwise"), json!(MARIA)));
    // She leaves.
    let left = it.school.ask("DELETE", &path, &json!({})).await;
    assert_eq!(left.status, 204, "{}", left.body);
    assert_eq!(said(maria("5")).await, (json!("not_entered"), json!(MARIA)));
    assert_eq!(logged(&it, "identity_unbound").await, 1);
}

#[tokio::test]
async fn what_another_browser_began_ends_nothing_and_what_is_used_is_used() {
    let (provider, it) = world().await;
    provider.knows(maria("1"));
    let [mut own, mut other] = [Browser::of(&it), Browser::of(&it)];
    let back = provider.signs_in(&begin(&mut own, "https://evil.example/office").await);
    let theirs = provider.signs_in(&begin(&mut other, "/office").await);
    let refused = async |browser: &mut Browser<'_>, back: &(String, String)| {
        let said: Value = end(browser, back).await.json();
        said["refused"].clone()
    };
    // Somebody has her browser open what they began, and would be signed in as themselves there.
    assert_eq!(refused(&mut own, &theirs).await, "stale");
    assert_eq!(own.opens().await, [false, false]);
    let mut nobody = Browser::of(&it);
    assert_eq!(refused(&mut nobody, &back).await, "stale");
    // What she began is over with that: she begins once more.
    assert_eq!(refused(&mut own, &back).await, "stale");
    let back = provider.signs_in(&begin(&mut own, "https://evil.example/office").await);
    let cookies = own.cookies.clone();
    let said: Value = end(&mut own, &back).await.json();
    assert_eq!(said["to"], "/staff", "to no page but ours: {said}");
    assert_eq!(own.opens().await, [true, false]);
    assert!(!own.cookies.contains_key("homeroom-openid"), "it is used");
    // Whoever has copied all of it comes too late: the provider gives nothing for a code twice.
    let mut copy = Browser::of(&it);
    copy.cookies = cookies;
    assert_eq!(refused(&mut copy, &back).await, "failed");
    assert_eq!(copy.opens().await, [false, false]);
    // The token of one browser is not good in another.
    let [mut one, mut two] = [Browser::of(&it), Browser::of(&it)];
    let back = provider.signs_in(&begin(&mut one, "/staff").await);
    let (_, stolen) = provider.signs_in(&begin(&mut two, "/staff").await);
    {
        let mut says = provider.says.lock().expect("whole");
        let nonce = says.codes[&stolen][1].clone();
        says.codes.get_mut(&back.1).expect("kept")[1] = nonce;
    }
    assert_eq!(refused(&mut one, &back).await, "failed");
    // A page of elsewhere asks nothing here, whatever it has.
    let headers = [
        ("Content-Type", "application/json"),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    for path in ["/openid/start", "/openid/session"] {
        let (path, body) = (
            format!("/api/v1{path}"),
            r#"{"to":"","state":"","code":""}"#,
        );
        let answer = request(it.school.address, "POST", &path, &headers, body).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_provider_that_fails_signs_nobody_in_and_is_asked_again_later() {
    let (provider, it) = world().await;
    let failed = async |claims: Value| {
        let (said, opened) = sign_in(&it, &provider, claims).await;
        assert_eq!(opened, [false, false]);
        said["refused"] == "failed"
    };
    let instead = |answer: Option<(u16, &str)>| {
        let answer = answer.map(|(status, body)| {
            let status = StatusCode::from_u16(status).expect("one");
            (status, body.to_owned())
        });
        provider.says.lock().expect("whole").instead = answer;
    };
    let huge = format!(r#"{{"id_token":"{}"}}"#, "x".repeat(300 * 1024));
    let long = format!(r#"{{"id_token":"a.{}.c"}}"#, "x".repeat(100 * 1024));
    for answer in [
        (200, "{}"),
        (200, "<html>"),
        (200, r#"{"id_token": 7}"#),
        (200, r#"{"id_token": "a.b.c"}"#),
        (200, huge.as_str()),
        (200, long.as_str()),
        (302, ""),
        (401, r#"{"error": "invalid_client"}"#),
        (500, "\u{1b}[31m"),
    ] {
        instead(Some(answer));
        assert!(failed(maria("1")).await, "{answer:.40?}");
    }
    instead(None);
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another")),
        ("azp", json!("another")),
        ("nonce", json!("another")),
        ("exp", json!(1)),
        ("sub", json!("")),
    ] {
        let mut claims = maria("1");
        claims[name] = value;
        assert!(failed(claims).await, "{name}");
    }
    // Its keys are others by now, twice within a minute: they are asked for once.
    let asked = provider.says.lock().expect("whole").keys_asked;
    provider.says.lock().expect("whole").key = key("two");
    assert!(failed(maria("1")).await, "they were asked for a moment ago");
    assert!(failed(maria("1")).await);
    assert_eq!(provider.says.lock().expect("whole").keys_asked, asked);
}

#[tokio::test]
async fn what_the_token_leaves_out_the_provider_says_beside_it_of_the_same_person() {
    let (provider, it) = world().await;
    let says_beside = |claims| provider.says.lock().expect("whole").person = claims;
    says_beside(maria("2"));
    let (said, opened) = sign_in(&it, &provider, json!({"sub": "1"})).await;
    assert_eq!(
        (&said["refused"], opened),
        (&json!("failed"), [false, false])
    );
    says_beside(maria("1"));
    // A name that people type there is no address.
    let named = json!({"sub": "1", "preferred_username": "msantos"});
    let opened = sign_in(&it, &provider, named).await.1;
    assert_eq!(opened, [true, false]);
    // Whoever is known needs none: nothing is asked beside the token.
    says_beside(json!("away"));
    let opened = sign_in(&it, &provider, json!({"sub": "1"})).await.1;
    assert_eq!(opened, [true, false]);
}

#[tokio::test]
async fn whoever_has_an_address_alone_opens_nothing_of_whoever_had_it_before() {
    let (provider, it) = world().await;
    let mut before = Browser::of(&it);
    before.sign_in("/session", OF_STAFF).await;
    assert_eq!(before.opens().await, [true, true]);
    let (_, opened) = sign_in(&it, &provider, maria("1")).await;
    assert_eq!(opened, [true, false], "the parent's account is not theirs");
    assert_eq!(before.opens().await, [false, false]);
    // Where a second step stands, it is taken away first.
    let it = with_hat_under(provider.settings()).await;
    let mut own = Browser::of(&it);
    own.sign_in("/session", OF_STAFF).await;
    crate::second_factor::set_up(&mut own).await;
    let (said, opened) = sign_in(&it, &provider, maria("1")).await;
    assert_eq!(
        (&said["refused"], opened),
        (&json!("second_step"), [false, false])
    );
    assert_eq!(own.opens().await, [true, true], "nothing of hers has ended");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story told in order")]
async fn by_the_provider_alone_a_password_of_the_machine_opens_and_no_other() {
    let provider = Provider::open().await;
    let mut settings = provider.settings();
    settings.openid.only = true;
    let it = Evening::open_with(settings).await;
    let offer = Browser::of(&it).ask("GET", "/openid", &Value::Null).await;
    let offer: Value = offer.json();
    assert_eq!(offer, json!({"name": "Hill Road", "only": true}));
    // No link leads to a password, neither one of the office's nor one that is sent.
    let draft = json!({"name": "Maria Santos", "email": MARIA});
    let member = it.school.done("POST", "/members", &draft).await;
    let url = member["url"].as_str().expect("an address");
    assert!(url.ends_with("/staff"), "{url}");
    let secret = {
        let (who, address) = (Name::read("Bo Diddley"), EmailAddress::read("bo@x.example"));
        let secret = links::Secret::random(&mut ambient::rng());
        let until = ambient::now() + jiff::SignedDuration::from_hours(1);
        let link = (&store::digest(&secret), until);
        let invited = (
            &who.expect("a name"),
            &address.expect("one"),
            school::Rank::Member,
        );
        let by = store::Actor::Program;
        let invited = it
            .school
            .store
            .invite_staff(invited, link, by, ambient::now());
        invited.await.expect("invited");
        secret.expose()
    };
    let mut browser = Browser::of(&it);
    let chosen = json!({
        "secret": secret, "school": "", "name": "", "email": "", "password": OF_STAFF,
    });
    for (path, body) in [
        ("/setup/check", json!({"secret": secret})),
        ("/setup", chosen),
    ] {
        let answer = browser.ask("POST", path, &body).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (409, "set_up_done")
        );
    }
    let lost = json!({"email": "ada@hillroad.example"});
    let lost = browser.ask("POST", "/lost-password", &lost).await;
    assert_eq!(lost.status, 204, "{}", lost.body);
    assert_eq!(logged(&it, "password_link_sent").await, 0);
    // Whoever has a password from before.
    let old = json!({"email": "ada@hillroad.example", "password": "correct horse battery"});
    let answer = browser.ask("POST", "/session", &old).await;
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (401, "wrong_password")
    );
    // One sign-in for both is the provider's too.
    invite(&it, &it.contacts[0]).await;
    let secret = secret_to(&it, MARIA, "register").await;
    let mut both = Browser::of(&it);
    let made = json!({"secret": secret, "password": OF_ACCOUNT});
    let made = both.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    provider.knows(maria("1"));
    let back = provider.signs_in(&begin(&mut both, "/staff").await);
    end(&mut both, &back).await;
    assert_eq!(both.opens().await, [true, true]);
    let hat = both.ask("POST", "/staff/hat", &json!({})).await;
    assert_eq!(hat.status, 204, "{}", hat.body);
    assert_eq!(sign_in(&it, &provider, maria("1")).await.1, [true, true]);
    let mut parent = Browser::of(&it);
    parent.sign_in("/account/session", OF_ACCOUNT).await;
    assert_eq!(parent.opens().await, [false, true]);
    // The last resort is at the door of the staff.
    let last = renew_password(&it.school.store, MARIA, false).await;
    let last = last.expect("made");
    for (door, opened) in [
        ("/account/session", [false, false]),
        ("/session", [true, false]),
    ] {
        let mut browser = Browser::of(&it);
        browser.sign_in(door, &last).await;
        assert_eq!(browser.opens().await, opened, "{door}");
    }
}

#[tokio::test]
async fn where_there_is_no_provider_nothing_leads_there() {
    let it = crate::hats::with_hat().await;
    let mut browser = Browser::of(&it);
    let offer = browser.ask("GET", "/openid", &Value::Null).await;
    assert_eq!(offer.json::<Value>(), json!({}));
    for (path, body) in [
        ("/openid/start", json!({"to": "/staff"})),
        ("/openid/session", json!({"state": "x", "code": "y"})),
    ] {
        let answer = browser.ask("POST", path, &body).await;
        assert_eq!((answer.status, code(&answer).as_str()), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_provider_that_is_away_or_calls_itself_otherwise_stops_no_start() {
    let provider = Provider::open().await;
    let issuer = provider.issuer.clone();
    let itself = |issuer: &str, token: &str| {
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"),
            "token_endpoint": token, "jwks_uri": format!("{issuer}/keys"),
        })
    };
    let mut away = provider.settings();
    away.openid.issuer = Some("http://127.0.0.1:9/nobody".to_owned());
    let others = [
        itself(&format!("{issuer}/"), &format!("{issuer}/token")),
        itself("https://evil.example", &format!("{issuer}/token")),
        itself(&issuer, "http://evil.example/token"),
        json!([]),
    ];
    let all = others.map(|it| (Some(it), provider.settings()));
    for (itself, settings) in all.into_iter().chain([(None, away)]) {
        provider.says.lock().expect("whole").itself = itself.clone();
        let school = School::open_with(settings).await;
        let asked = school
            .ask("POST", "/openid/start", &json!({"to": "/staff"}))
            .await;
        assert_eq!(
            (asked.status, code(&asked).as_str()),
            (503, "unavailable"),
            "{itself:?}"
        );
    }
}
