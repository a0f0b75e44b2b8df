//! The provider: what it says of itself (OpenID Connect Discovery 1.0 section 4), its keys, and its answers.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::Trouble;
use super::begun::Begun;
use super::token::{self, Claims, Expected, Key, Signer};
use crate::private::Private;
use crate::settings;

/// The largest answer that is read, bytes.
const LARGEST: usize = 256 * 1024;

/// The most keys that are kept.
const MOST_KEYS: usize = 100;

/// How long it may take to connect, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// For how long it is believed what it said of itself, and for how long where it says nothing any more.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);
const STILL_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How soon it is asked again where it did not answer, and for keys where there is one that it has not published.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);
const KEYS_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// How many who come back may wait for its answers at a time.
const AT_ONCE: usize = 64;

/// What is asked for: who they are, and their address.
const SCOPE: &str = "openid email profile";

/// Whether that can be an issuer: `https`, without query and fragment; `http` where it leads nowhere but to this
/// machine. Others read what it is: no password stands in it, nor the end of one that holds a slash.
pub(crate) fn is_issuer(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|_| !text.contains('@'));
    url.is_some_and(|it| is_way(&it) && it.query().is_none() && it.fragment().is_none())
}

/// Whether what is said there is heard by nobody else.
pub(crate) fn is_way(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.has_host();
    let is_safe = match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    };
    is_bare && is_safe
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// What the provider says of itself.
#[derive(Clone, Debug)]
struct Said {
    authorization: Url,
    token: Url,
    keys: Url,
    person: Option<Url>,
    /// Whether it takes the secret as a password alone (RFC 6749 section 2.3.1), and not within a form.
    takes_basic: bool,
}

/// The same, with its keys, and when it said so.
#[derive(Clone, Debug)]
struct Known {
    said: Said,
    keys: Vec<Key>,
    at: Timestamp,
    keys_at: Timestamp,
}

#[derive(Default)]
struct Kept {
    known: Option<Arc<Known>>,
    failed: Option<(Timestamp, Trouble)>,
}

/// Who somebody is by the provider's token, and what lets us ask for more of them.
pub(crate) struct Proof {
    pub(super) claims: Claims,
    access: Option<Private<String>>,
}

/// The provider.
pub(super) struct Provider {
    issuer: String,
    client: String,
    secret: Private<String>,
    /// How it is told to ask which account it is to be (`prompt`).
    asks_by: &'static str,
    http: Client,
    kept: Mutex<Kept>,
    /// It is asked by one at a time what it says of itself.
    asking: Semaphore,
    redeeming: Semaphore,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}

impl Provider {
    pub(super) fn of(settings: &settings::Openid) -> Option<Self> {
        let headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (USER_AGENT, HeaderValue::from_static("homeroom")),
        ]);
        let http = Client::builder()
            .tls_backend_preconfigured(post::trusting().ok()?)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .build()
            .ok()?;
        Some(Self {
            issuer: settings.issuer.clone()?,
            client: settings.client_id.clone()?,
            secret: settings.client_secret.clone(),
            // Every provider knows the one, and those two the other in its place.
            asks_by: if settings.is_well_known() {
                "select_account"
            } else {
                "login"
            },
            http,
            kept: Mutex::default(),
            asking: Semaphore::new(1),
            redeeming: Semaphore::new(AT_ONCE),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What it calls this server.
    pub(super) fn client(&self) -> &str {
        &self.client
    }

    /// Whether it answers as it should: it is asked anew.
    pub(super) async fn look(&self, now: Timestamp) -> Result<(), Trouble> {
        let _turn = self.asking.acquire().await;
        self.learn(now).await.map(|_known| ())
    }

    /// Where somebody goes to say who they are (OpenID Connect Core 1.0 section 3.1.2.1).
    pub(super) async fn ask(
        &self,
        begun: &Begun,
        (back, choose): (&str, bool),
        now: Timestamp,
    ) -> Result<String, Trouble> {
        let known = self.known(now).await?;
        let challenge = begun.challenge();
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", &self.client),
            ("redirect_uri", back),
            ("scope", SCOPE),
            ("state", &begun.state),
            ("nonce", &begun.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if choose {
            asked.push(("prompt", self.asks_by));
        }
        let asked = form(&asked);
        let mut url = known.said.authorization.clone();
        let query = match url.query() {
            Some(own) if !own.is_empty() => format!("{own}&{asked}"),
            Some(_) | None => asked,
        };
        url.set_query(Some(&query));
        Ok(url.into())
    }

    /// Whom a code is of (section 3.1.3).
    pub(super) async fn redeem(
        &self,
        code: &str,
        begun: &Begun,
        back: &str,
        now: Timestamp,
    ) -> Result<Proof, Trouble> {
        let place = self.redeeming.try_acquire();
        let _place =
            place.map_err(|_full| Trouble::new("Too many wait for the provider's answers."))?;
        let known = self.known(now).await?;
        let answer = self.tokens(&known.said, code, begun, back).await?;
        let id_token = answer.get("id_token").and_then(Value::as_str);
        let id_token = id_token.ok_or_else(|| Trouble::new("The provider sent no ID token."))?;
        let wrong =
            |wrong: token::Wrong| Trouble::new(format!("The provider's ID token: {wrong}."));
        let signer = Signer::of(id_token).map_err(wrong)?;
        let key = self.key(&known, &signer, now).await?;
        let key = key.ok_or(token::Wrong::UnknownKey).map_err(wrong)?;
        let expected = Expected {
            issuer: &self.issuer,
            client: &self.client,
            nonce: &begun.nonce,
            now,
        };
        let claims = token::read(id_token, &signer, &key, expected).map_err(wrong)?;
        let access = answer.get("access_token").and_then(Value::as_str);
        let access = access.map(|it| Private::new(it.to_owned()));
        Ok(Proof { claims, access })
    }

    /// What it says of somebody beside the token, where it says anything.
    pub(super) async fn beside(
        &self,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Option<Claims>, Trouble> {
        let known = self.known(now).await?;
        match (&known.said.person, &proof.access) {
            (Some(person), Some(access)) => {
                let claims = self.person(person, access.reveal(), &proof.claims).await?;
                Ok(Some(claims))
            }
            _ => Ok(None),
        }
    }

    /// What a code is good for. It is sent with the verifier, so that nobody else's browser could send it.
    async fn tokens(
        &self,
        said: &Said,
        code: &str,
        begun: &Begun,
        back: &str,
    ) -> Result<Value, Trouble> {
        let mut asked = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", &begun.verifier),
        ];
        let mut request = self.http.post(said.token.clone()).header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let secret = self.secret.reveal().as_str();
        if said.takes_basic {
            let both = format!("{}:{}", encoded(&self.client), encoded(secret));
            let header = format!("Basic {}", BASE64.encode(both.as_bytes()));
            request = request.header(AUTHORIZATION, sensitive(&header)?);
        } else {
            asked.extend([
                ("client_id", self.client.as_str()),
                ("client_secret", secret),
            ]);
        }
        let (status, answer) = whole(request.body(form(&asked)), "token endpoint").await?;
        if status.is_success() {
            return Ok(answer);
        }
        Err(Trouble::new(format!(
            "The provider's token endpoint answered with status {}{}.",
            status.as_u16(),
            refusal(&answer)
        )))
    }

    /// What it says beside the token, of the same person (section 5.3.2).
    async fn person(&self, url: &Url, access: &str, claims: &Claims) -> Result<Claims, Trouble> {
        let bearer = sensitive(&format!("Bearer {access}"))?;
        let request = self.http.get(url.clone()).header(AUTHORIZATION, bearer);
        let (status, said) = whole(request, "userinfo endpoint").await?;
        let said = Claims::of(&said);
        if !status.is_success() || said.subject != claims.subject {
            let sentence = "The provider's userinfo endpoint says nothing of who has signed in.";
            return Err(Trouble::new(sentence));
        }
        Ok(Claims {
            organisation: claims.organisation.clone(),
            ..said
        })
    }

    /// The key that signed; where it is not among those that are known, they are asked for again.
    async fn key(
        &self,
        known: &Known,
        signer: &Signer,
        now: Timestamp,
    ) -> Result<Option<Key>, Trouble> {
        if let Some(key) = signer.among(&known.keys) {
            return Ok(Some(key.clone()));
        }
        let _turn = self.asking.acquire().await;
        let newest = self.kept().known.clone();
        let newest = newest.as_deref().unwrap_or(known);
        if let Some(key) = signer.among(&newest.keys) {
            return Ok(Some(key.clone()));
        }
        if now.duration_since(newest.keys_at) < KEYS_AGAIN {
            return Ok(None);
        }
        // Counted before it is asked, so that it is not asked again and again where it does not answer.
        let mut known = newest.clone();
        known.keys_at = now;
        self.kept().known = Some(Arc::new(known.clone()));
        known.keys = self.keys(&known.said).await?;
        let key = signer.among(&known.keys).cloned();
        self.kept().known = Some(Arc::new(known));
        Ok(key)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // It is whole at every step, whatever panicked.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of it, where it is new enough.
    fn still(&self, good_for: SignedDuration, now: Timestamp) -> Option<Arc<Known>> {
        let known = self.kept().known.clone();
        known.filter(|it| now.duration_since(it.at) < good_for)
    }

    async fn known(&self, now: Timestamp) -> Result<Arc<Known>, Trouble> {
        if let Some(known) = self.still(GOOD_FOR, now) {
            return Ok(known);
        }
        let _turn = self.asking.acquire().await;
        if let Some(known) = self.still(GOOD_FOR, now) {
            return Ok(known);
        }
        let failed = self.kept().failed.clone();
        let failed = failed.filter(|(at, _)| now.duration_since(*at) < AGAIN);
        let learnt = match failed {
            Some((_, trouble)) => Err(trouble),
            None => self.learn(now).await,
        };
        learnt.or_else(|trouble| self.still(STILL_GOOD_FOR, now).ok_or(trouble))
    }

    async fn learn(&self, now: Timestamp) -> Result<Arc<Known>, Trouble> {
        let learnt = async {
            let said = self.discover().await?;
            let keys = self.keys(&said).await?;
            Ok(Arc::new(Known {
                said,
                keys,
                at: now,
                keys_at: now,
            }))
        };
        let learnt: Result<_, Trouble> = learnt.await;
        let mut kept = self.kept();
        match &learnt {
            Ok(known) => {
                kept.known = Some(Arc::clone(known));
                kept.failed = None;
            }
            Err(trouble) => kept.failed = Some((now, trouble.clone())),
        }
        drop(kept);
        learnt
    }

    async fn discover(&self) -> Result<Said, Trouble> {
        let issuer = &self.issuer;
        let place = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let url = Url::parse(&place).map_err(|_none| Trouble::new("openid.issuer is no URL."))?;
        let is_here = is_loopback(&url);
        let (status, answer) = whole(self.http.get(url), &place).await?;
        if status != StatusCode::OK {
            let status = status.as_u16();
            return Err(Trouble::new(format!(
                "{place} answers with status {status}: is openid.issuer what the provider calls itself?"
            )));
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        if text("issuer") != Some(issuer) {
            let itself: String = text("issuer")
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect();
            return Err(Trouble::new(format!(
                "openid.issuer is {issuer}, and the provider there calls itself {itself:?}: they must be the \
                 same to the letter."
            )));
        }
        let url = |name: &str| {
            let url = text(name).and_then(|it| Url::parse(it).ok());
            url.filter(|it| is_way(it) && (is_here || !is_loopback(it)))
        };
        let needed = |name: &str| {
            let missing =
                || Trouble::new(format!("{place} has no {name} that begins with https://."));
            url(name).ok_or_else(missing)
        };
        let methods = answer.get("token_endpoint_auth_methods_supported");
        let takes = |method: &str| {
            let methods = methods.and_then(Value::as_array);
            methods.is_some_and(|all| all.iter().any(|it| it.as_str() == Some(method)))
        };
        Ok(Said {
            authorization: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: needed("jwks_uri")?,
            person: url("userinfo_endpoint"),
            takes_basic: takes("client_secret_basic") || !takes("client_secret_post"),
        })
    }

    async fn keys(&self, said: &Said) -> Result<Vec<Key>, Trouble> {
        let (status, answer) = whole(self.http.get(said.keys.clone()), "list of keys").await?;
        let keys = answer.get("keys").and_then(Value::as_array);
        let keys = keys.filter(|_| status == StatusCode::OK);
        let keys = keys.map(|all| all.iter().take(MOST_KEYS).filter_map(Key::read).collect());
        let keys: Vec<Key> = keys.unwrap_or_default();
        if keys.is_empty() {
            let sentence = "The provider publishes no key that tokens may be signed with.";
            return Err(Trouble::new(sentence));
        }
        Ok(keys)
    }
}

/// An answer, as JSON; where it is none, nothing.
async fn whole(request: RequestBuilder, of: &str) -> Result<(StatusCode, Value), Trouble> {
    let broken = |error: reqwest::Error| {
        let what = if error.is_timeout() {
            "did not answer in time"
        } else if error.is_connect() {
            "cannot be reached: may this machine connect there?"
        } else {
            "broke off its answer"
        };
        Trouble::new(format!("The provider ({of}) {what}."))
    };
    let mut answer = request.send().await.map_err(broken)?;
    let status = answer.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(Trouble::new(format!(
                "The provider ({of}) answers at far too great length."
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
}

/// What a provider says of a refusal (RFC 6749 section 5.2), and what to do.
fn refusal(answer: &Value) -> String {
    let code = answer
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_code = code.len() <= 60 && code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    match code {
        "" => String::new(),
        "invalid_client" | "unauthorized_client" => format!(
            " ({code}): are openid.client_id and openid.client_secret right, and has the secret run out"
        ),
        "invalid_grant" => {
            format!(" ({code}): the code was used, or is of another address than it was asked for")
        }
        _ if is_code => format!(" ({code})"),
        _ => String::new(),
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, Trouble> {
    let value = HeaderValue::from_str(value);
    let mut value = value.map_err(|_odd| Trouble::new("A secret cannot be sent as it is."))?;
    value.set_sensitive(true);
    Ok(value)
}

/// As a form, which is as a query (RFC 3986 section 2.3: what needs no escape).
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, it| {
        if it.is_ascii_alphanumeric() || b"-._~".contains(&it) {
            out.push(char::from(it));
        } else {
            let _infallible = write!(out, "%{it:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::routing::get;
    use axum::{Json, Router};
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::json;

    use super::*;

    /// Publishes the key of RFC 7515 appendix A.3, under the name `one`, and from the third time on as `two` too.
    async fn publishes(asked: Arc<AtomicUsize>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let itself = json!({
            "issuer": issuer, "authorization_endpoint": issuer, "token_endpoint": issuer,
            "jwks_uri": format!("{issuer}/keys"),
        });
        let key = |id: &str| {
            json!({
                "kty": "EC", "crv": "P-256", "kid": id,
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            })
        };
        let keys = move || {
            let ids = ["one", "two"];
            let many = 1 + usize::from(asked.fetch_add(1, Ordering::Relaxed) >= 2);
            let keys: Vec<_> = ids.into_iter().take(many).map(key).collect();
            std::future::ready(Json(json!({"keys": keys})))
        };
        let itself = move || std::future::ready(Json(itself.clone()));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(itself))
            .route("/keys", get(keys));
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    #[tokio::test]
    async fn keys_are_asked_for_once_more_a_minute_where_one_is_unknown() {
        let asked = Arc::new(AtomicUsize::new(0));
        let settings = settings::Openid {
            issuer: Some(publishes(Arc::clone(&asked)).await),
            client_id: Some("homeroom".to_owned()),
            ..settings::Openid::default()
        };
        let provider = Provider::of(&settings).expect("a provider");
        let begins = ambient::now();
        let after = |seconds| {
            let later = begins.checked_add(SignedDuration::from_secs(seconds));
            later.expect("a moment")
        };
        provider.look(begins).await.expect("it answers");
        for (seconds, id, is_known, times) in [
            (0, "one", true, 1),
            (59, "two", false, 1),
            (60, "two", false, 2),
            (119, "two", false, 2),
            (120, "two", true, 3),
            (120, "two", true, 3),
            (3_599, "one", true, 3),
            (3_600, "one", true, 4),
        ] {
            let header = json!({"alg": "ES256", "kid": id}).to_string();
            let header = BASE64URL_NOPAD.encode(header.as_bytes());
            let signer = Signer::of(&format!("{header}.e30.AAAA")).expect("a header");
            let known = provider.known(after(seconds)).await.expect("known");
            let key = provider.key(&known, &signer, after(seconds)).await;
            assert_eq!(key.expect("asked").is_some(), is_known, "{seconds} {id}");
            assert_eq!(asked.load(Ordering::Relaxed), times, "{seconds} {id}");
        }
    }

    #[test]
    fn an_issuer_is_reached_by_https_or_on_this_machine() {
        for issuer in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/9122040d/v2.0",
            "https://id.school.example:8443/realms/staff/",
            "http://127.0.0.1:9000",
            "http://[::1]:9000/x",
            "http://localhost:9000",
        ] {
            assert!(is_issuer(issuer), "{issuer}");
        }
        for other in [
            "",
            "accounts.google.com",
            "http://accounts.google.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://",
            "https://somebody@accounts.google.com",
            "https://id.school.example/?realm=1",
            "https://id.school.example/#x",
            "ftp://id.school.example",
        ] {
            assert!(!is_issuer(other), "{other}");
        }
    }

    #[test]
    fn what_goes_into_a_form_is_nothing_but_a_value() {
        let said = form(&[("a", "x&b=1 +/~é"), ("c", "")]);
        assert_eq!(said, "a=x%26b%3D1%20%2B%2F~%C3%A9&c=");
    }

    #[test]
    fn what_a_provider_refuses_is_said_and_nothing_else_of_its() {
        let of = |error: &str| refusal(&serde_json::json!({"error": error}));
        assert!(of("invalid_client").contains("openid.client_secret"));
        assert_eq!(of("server_error"), " (server_error)");
        for odd in ["", "<b>", "Bad Thing", &"x".repeat(61)] {
            assert_eq!(of(odd), "", "{odd}");
        }
    }
}
