//! Into a gateway for text messages: any that takes them over HTTP, by a template of the settings.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode, Url, redirect};
use school::Mobile;
use sha2::Sha256;

use crate::send::{Outcome, Trouble};

/// How long a gateway may take, from the name's look-up to the end of its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// How much of an answer is read.
const LONGEST_ANSWER: usize = 32 * 1024;

/// How much of it is told.
const TOLD: usize = 200;

/// A gateway, as the settings name it. In each text `{to}` stands for the number with its `+`,
/// `{number}` for it without, `{text}` for the message, `{id}` for what names it, the same over all
/// tries, and `{jwt}` for a token of now.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Gateway {
    /// Where to, in `https` or `http`.
    pub url: String,
    /// Lines such as `Content-Type: application/json`.
    pub headers: Vec<String>,
    /// What is sent; nothing for a GET.
    pub body: String,
    /// A user and a password (RFC 7617), where it asks for them.
    pub account: Option<(String, String)>,
    /// Who signs tokens, and with what (RFC 7519, HS256).
    pub token: Option<(String, String)>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

/// The gateway cannot be used as it is set: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The URL is none.
    #[error("texts.url is no URL that begins with https:// or http://: check it")]
    Url,
    /// Something that stands for something, and for nothing that there is. It may be part of a secret.
    #[error(
        "texts.{0} has a word in braces that stands for nothing: what is put in is {{to}}, {{number}}, {{text}}, \
         {{id}} and {{jwt}}"
    )]
    Unknown(&'static str),
    /// Nobody would get anything.
    #[error("neither texts.url nor texts.body has {{{0}}}: nothing would be sent")]
    Lacks(&'static str),
    /// A header that is none.
    #[error("texts.headers has a line that is no header: write \"Name: value\"")]
    Header,
    /// A token that nobody signs.
    #[error("{{jwt}} stands in the settings of [texts]: set texts.jwt_issuer and texts.jwt_secret")]
    Token,
    /// TLS cannot be had.
    #[error("cannot use TLS for text messages: {0}")]
    Tls(String),
}

/// Sends text messages.
#[derive(Debug)]
pub enum Messenger {
    /// By a gateway.
    Gateway(Box<Door>),
    /// As files in that folder, one a message.
    Files(std::path::PathBuf),
}

/// The way into a gateway.
pub struct Door {
    gateway: Gateway,
    headers: Vec<(HeaderName, String)>,
    escape: Escape,
    client: Client,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.gateway.fmt(f)
    }
}

/// A text message.
pub(crate) struct Text<'a> {
    pub(crate) to: &'a Mobile,
    pub(crate) words: String,
    /// Names it, the same over all tries.
    pub(crate) id: &'a str,
}

/// How what is put into a template is written there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Escape {
    /// As it stands.
    Plain,
    /// For a URL or a form (RFC 3986 §2.1).
    Percent,
    /// Within quotation marks (RFC 8259 §7).
    Json,
    /// As text of an element.
    Xml,
}

impl Escape {
    fn of_type(content: &str) -> Self {
        let content = content.to_ascii_lowercase();
        if content.contains("json") {
            Self::Json
        } else if content.contains("xml") {
            Self::Xml
        } else if content.contains("text/plain") {
            Self::Plain
        } else {
            Self::Percent
        }
    }

    fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Percent => text.bytes().fold(String::new(), |mut all, byte| {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    all.push(char::from(byte));
                } else {
                    all.push_str(&format!("%{byte:02X}"));
                }
                all
            }),
            Self::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                quoted.trim_matches('"').to_owned()
            }
            Self::Xml => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        }
    }
}

impl Messenger {
    /// One that goes to that gateway.
    ///
    /// # Errors
    ///
    /// [`GatewayError`].
    pub fn to(gateway: Gateway) -> Result<Self, GatewayError> {
        Ok(Self::Gateway(Box::new(Door::new(gateway)?)))
    }

    /// Tries whether the gateway is there and takes our account, and sends nothing. With files there is nothing to
    /// try.
    ///
    /// # Errors
    ///
    /// [`Trouble`], as where a message is sent.
    pub async fn try_it(&self, now: Timestamp) -> Result<(), Trouble> {
        match self {
            Self::Gateway(door) => door.try_it(now).await,
            Self::Files(_) => Ok(()),
        }
    }

    pub(crate) async fn send(&self, text: &Text<'_>, now: Timestamp) -> (Outcome, Option<Trouble>) {
        match self {
            Self::Gateway(door) => door.send(text, now).await,
            Self::Files(folder) => {
                let name = format!("{}{}", text.id, crate::kept::TEXT);
                let kept = format!("To: {}\n\n{}\n", text.to.reveal(), text.words);
                match crate::send::write(folder, &name, kept.as_bytes()).await {
                    Ok(()) => (Outcome::Sent, None),
                    Err(error) => {
                        let sentence = "Text messages cannot be written to files in the data folder: \
                                        see that there is room, and that the program may write there.";
                        let reason = format!("{}: {error}", folder.display());
                        (Outcome::Later(reason), Some(trouble(sentence, false)))
                    }
                }
            }
        }
    }
}

/// Why a gateway answered nothing.
enum Unanswered {
    /// The setting is none with this message.
    Url,
    /// It was not reached, by this.
    Unreached(String),
    /// It has the message, or may have.
    Silent,
}

impl Unanswered {
    fn trouble(&self) -> Option<Trouble> {
        let sentence = match self {
            Self::Url => return None,
            Self::Unreached(_) => "The gateway for text messages cannot be reached.",
            Self::Silent => "The gateway for text messages does not answer, or breaks off.",
        };
        Some(trouble(sentence, false))
    }
}

impl Door {
    fn new(gateway: Gateway) -> Result<Self, GatewayError> {
        let all = [("url", &gateway.url), ("body", &gateway.body)];
        let lines = gateway.headers.iter().map(|it| ("headers", it));
        for (key, template) in all.into_iter().chain(lines) {
            if has_unknown(template) {
                return Err(GatewayError::Unknown(key));
            }
            if template.contains("{jwt}") && gateway.token.is_none() {
                return Err(GatewayError::Token);
            }
        }
        let has = |what: &str| all.iter().any(|(_, it)| it.contains(what));
        if !has("{to}") && !has("{number}") {
            return Err(GatewayError::Lacks("to"));
        }
        if !has("{text}") {
            return Err(GatewayError::Lacks("text"));
        }
        let mut headers = Vec::new();
        let mut escape = Escape::Percent;
        for line in &gateway.headers {
            let (name, value) = line.split_once(':').ok_or(GatewayError::Header)?;
            let name: HeaderName = name.trim().parse().map_err(|_none| GatewayError::Header)?;
            if HeaderValue::from_str(value.trim()).is_err() {
                return Err(GatewayError::Header);
            }
            if name == CONTENT_TYPE {
                escape = Escape::of_type(value);
            }
            headers.push((name, value.trim().to_owned()));
        }
        let trusting = crate::smtp::trusting().map_err(|it| GatewayError::Tls(it.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(trusting)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .build()
            .map_err(|it| GatewayError::Tls(it.to_string()))?;
        let door = Self {
            gateway,
            headers,
            escape,
            client,
        };
        let example = Text {
            to: &Mobile::kept("+447700900123".to_owned()),
            words: String::new(),
            id: "0.0",
        };
        door.url(&example, "").ok_or(GatewayError::Url)?;
        Ok(door)
    }

    fn url(&self, text: &Text<'_>, jwt: &str) -> Option<Url> {
        let filled = fill(&self.gateway.url, text, jwt, Escape::Percent);
        let url = Url::parse(&filled).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_web.then_some(url)
    }

    async fn send(&self, text: &Text<'_>, now: Timestamp) -> (Outcome, Option<Trouble>) {
        match self.ask(text, now).await {
            Ok((status, said)) => judge(status, &said),
            Err(why) => {
                let trouble = why.trouble();
                let outcome = match why {
                    Unanswered::Url => {
                        Outcome::Refused("texts.url is no URL with this number".to_owned())
                    }
                    Unanswered::Unreached(cause) => {
                        Outcome::Later(format!("the gateway cannot be reached: {cause}"))
                    }
                    Unanswered::Silent => {
                        Outcome::Lost("the gateway does not answer, or breaks off".to_owned())
                    }
                };
                (outcome, trouble)
            }
        }
    }

    /// Asks for nothing to be sent to nobody: whether the gateway is there and lets us in is known before somebody
    /// waits for a message.
    async fn try_it(&self, now: Timestamp) -> Result<(), Trouble> {
        let nothing = Text {
            to: &Mobile::kept(String::new()),
            words: String::new(),
            id: "0.0",
        };
        match self.ask(&nothing, now).await {
            Ok((status, _)) => refuses_us(status).map_or(Ok(()), Err),
            Err(why) => why.trouble().map_or(Ok(()), Err),
        }
    }

    async fn ask(
        &self,
        text: &Text<'_>,
        now: Timestamp,
    ) -> Result<(StatusCode, String), Unanswered> {
        let jwt = self.gateway.token.as_ref().and_then(|it| token(it, now));
        let jwt = jwt.unwrap_or_default();
        let url = self.url(text, &jwt).ok_or(Unanswered::Url)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = fill(value, text, &jwt, Escape::Percent);
            // A message is percent-encoded, and a token plain: what stands there is one line.
            if let Ok(mut value) = HeaderValue::from_str(&value) {
                value.set_sensitive(true);
                headers.append(name.clone(), value);
            }
        }
        let mut request = if self.gateway.body.is_empty() {
            self.client.get(url)
        } else {
            if !headers.contains_key(CONTENT_TYPE) {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(CONTENT_TYPE, form);
            }
            let body = fill(&self.gateway.body, text, &jwt, self.escape);
            self.client.post(url).body(body)
        };
        if let Some((user, password)) = &self.gateway.account {
            request = request.basic_auth(user, Some(password));
        }
        match request.headers(headers).send().await {
            Ok(mut answer) => {
                let status = answer.status();
                let mut said = Vec::new();
                while let Ok(Some(chunk)) = answer.chunk().await {
                    said.extend_from_slice(&chunk);
                    if said.len() >= LONGEST_ANSWER {
                        break;
                    }
                }
                Ok((status, String::from_utf8_lossy(&said).into_owned()))
            }
            // Without its URL, in which passwords stand.
            Err(error) if error.is_connect() || error.is_builder() => {
                Err(Unanswered::Unreached(causes(&error.without_url())))
            }
            Err(_) => Err(Unanswered::Silent),
        }
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        said = format!("{said}: {one}");
        cause = one.source();
    }
    said
}

fn trouble(sentence: &str, is_refusal: bool) -> Trouble {
    Trouble {
        sentence: sentence.to_owned(),
        is_refusal,
    }
}

/// What becomes of a message by what the gateway says. What it says of the number is for good; what it
/// says of ourselves is for the school to mend, and the message waits.
fn judge(status: StatusCode, said: &str) -> (Outcome, Option<Trouble>) {
    let says: String = said.trim().chars().take(TOLD).collect();
    let code = status.as_u16();
    let reason = format!("the gateway says {code} {says}");
    let refusal = |what: &str| Some(refusal(status, what));
    match code {
        200..=299 => (Outcome::Sent, None),
        401..=403 | 407 => (Outcome::Waits(reason), refuses_us(status)),
        429 => (Outcome::Later(reason), refusal("it takes no more for now")),
        300..=399 | 404 | 405 | 410 | 411 | 415 => (
            Outcome::Waits(reason),
            refusal("check texts.url and texts.headers"),
        ),
        408 | 425 | 503 => (Outcome::Later(reason), refusal("it takes none now")),
        500..=599 => (Outcome::Lost(reason), refusal("something is wrong there")),
        _ => (Outcome::Refused(reason), None),
    }
}

/// What an answer says of our account, whatever was asked.
fn refuses_us(status: StatusCode) -> Option<Trouble> {
    match status.as_u16() {
        401 | 403 | 407 => Some(refusal(
            status,
            "check the account in the settings of [texts]",
        )),
        402 => Some(refusal(status, "the account has no credit")),
        _ => None,
    }
}

fn refusal(status: StatusCode, what: &str) -> Trouble {
    let code = status.as_u16();
    let sentence = format!("The gateway for text messages says {code}: {what}.");
    trouble(&sentence, true)
}

/// Whether something stands in braces, in lower-case letters, and for nothing.
fn has_unknown(template: &str) -> bool {
    let mut names = template.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let is_name = !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase());
        is_name.then_some(name)
    });
    let known = ["to", "number", "text", "id", "jwt"];
    names.any(|name| !known.contains(&name))
}

/// A template, filled in one pass: what is put in is not looked at again.
fn fill(template: &str, text: &Text<'_>, jwt: &str, escape: Escape) -> String {
    let mut filled = String::with_capacity(template.len() + 3 * text.words.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let to = text.to.reveal();
        let put = match after.split_once('}').map(|(name, _)| name) {
            Some("to") => Some(("to", escape.write(to))),
            Some("number") => Some(("number", to.trim_start_matches('+').to_owned())),
            Some("text") => Some(("text", escape.write(&text.words))),
            Some("id") => Some(("id", text.id.to_owned())),
            Some("jwt") => Some(("jwt", jwt.to_owned())),
            Some(_) | None => None,
        };
        rest = match put {
            Some((name, value)) => {
                filled.push_str(&value);
                after.get(name.len() + 1..).unwrap_or_default()
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// A token that says who asks, and when.
fn token((issuer, secret): &(String, String), now: Timestamp) -> Option<String> {
    let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = part(&serde_json::json!({ "typ": "JWT", "alg": "HS256" }));
    let claims = part(&serde_json::json!({ "iss": issuer, "iat": now.as_second() }));
    let signed = format!("{head}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(signed.as_bytes());
    let signature = BASE64URL_NOPAD.encode(&mac.finalize().into_bytes());
    Some(format!("{signed}.{signature}"))
}

#[cfg(test)]
mod tests;
