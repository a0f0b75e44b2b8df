use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::{
    KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
    SigningKey as _,
};
use serde_json::json;

use super::*;

const ISSUER: &str = "https://id.school.example/staff";
const CLIENT: &str = "homeroom";
const NONCE: &str = "the nonce of this browser";
const NOW: i64 = 1_800_000_000;

/// What comes before the key itself where one of 2,048 bits stands in PKCS #8 (RFC 5208).
const BEFORE_RSA: usize = 26;

fn private(algorithm: Algorithm) -> EncodingKey {
    let made = |kind| {
        let key = KeyPair::generate_for(kind).expect("a key");
        key.serialize_der()
    };
    if algorithm == Algorithm::ES256 {
        EncodingKey::from_ec_der(&made(&PKCS_ECDSA_P256_SHA256))
    } else if algorithm == Algorithm::ES384 {
        EncodingKey::from_ec_der(&made(&PKCS_ECDSA_P384_SHA384))
    } else {
        EncodingKey::from_rsa_der(&made(&PKCS_RSA_SHA256)[BEFORE_RSA..])
    }
}

/// By what a token is signed.
enum Private {
    Of(Algorithm, EncodingKey),
    Ed25519(KeyPair),
}

/// A key of a provider, and what it publishes of it.
struct Pair {
    private: Private,
    public: Value,
}

fn part(it: &Value) -> String {
    BASE64URL_NOPAD.encode(it.to_string().as_bytes())
}

impl Pair {
    fn new(algorithm: Algorithm, id: &str) -> Self {
        let (private, mut public) = if algorithm == Algorithm::EdDSA {
            let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
            let x = BASE64URL_NOPAD.encode(key.public_key_raw());
            let public = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA"});
            (Private::Ed25519(key), public)
        } else {
            let private = private(algorithm);
            let public = Jwk::from_encoding_key(&private, algorithm).expect("public");
            let public = serde_json::to_value(public).expect("JSON");
            (Private::Of(algorithm, private), public)
        };
        public["kid"] = json!(id);
        public["use"] = json!("sig");
        Self { private, public }
    }

    fn signs(&self, id: Option<&str>, claims: &Value) -> String {
        match &self.private {
            Private::Of(algorithm, key) => {
                let mut header = Header::new(*algorithm);
                header.kid = id.map(str::to_owned);
                encode(&header, claims, key).expect("signed")
            }
            Private::Ed25519(key) => {
                let header = part(&json!({"alg": "EdDSA", "kid": id}));
                let signed = format!("{header}.{}", part(claims));
                let signature = key.sign(signed.as_bytes()).expect("signed");
                format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
            }
        }
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "248289761001", "nonce": NONCE,
        "iat": NOW - 1, "exp": NOW + 300, "email": "ada@school.example", "email_verified": true,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

fn accepted(token: &str, keys: &[&Value]) -> Result<Claims, Wrong> {
    let keys: Vec<_> = keys.iter().filter_map(|it| Key::read(it)).collect();
    let signer = Signer::of(token)?;
    let key = signer.among(&keys).ok_or(Wrong::UnknownKey)?;
    let expected = Expected {
        issuer: ISSUER,
        client: CLIENT,
        nonce: NONCE,
        now: Timestamp::from_second(NOW).expect("a moment"),
    };
    read(token, &signer, key, expected)
}

#[test]
fn what_the_provider_signs_is_taken_by_each_method() {
    for algorithm in ALGORITHMS {
        let pair = Pair::new(algorithm, "one");
        let other = Pair::new(algorithm, "other");
        let token = pair.signs(Some("one"), &claims());
        let taken = accepted(&token, &[&other.public, &pair.public]);
        let taken = taken.unwrap_or_else(|wrong| panic!("{algorithm:?}: {wrong}"));
        assert_eq!(taken.subject, "248289761001");
        assert_eq!(taken.email.as_deref(), Some("ada@school.example"));
        assert!(taken.is_verified);
        // Who signs by another key of that name is somebody else.
        let mut forged = other.public.clone();
        forged["kid"] = json!("one");
        assert_eq!(accepted(&token, &[&forged]), Err(Wrong::Signature));
    }
}

#[test]
fn a_key_is_found_by_its_name_and_without_one_where_it_is_the_only() {
    let [one, other] = ["one", "other"].map(|id| Pair::new(Algorithm::ES256, id));
    let both = [&one.public, &other.public];
    let token = one.signs(Some("one"), &claims());
    assert!(accepted(&token, &both).is_ok());
    assert_eq!(accepted(&token, &[&other.public]), Err(Wrong::UnknownKey));
    let unnamed = one.signs(None, &claims());
    assert!(accepted(&unnamed, &[&one.public]).is_ok());
    assert_eq!(accepted(&unnamed, &both), Err(Wrong::UnknownKey));
    assert_eq!(accepted(&unnamed, &[]), Err(Wrong::UnknownKey));
    // One for something else, or of another method, is none.
    for (name, value) in [("use", "enc"), ("alg", "ES384"), ("alg", "ECDH-ES")] {
        let mut public = one.public.clone();
        public[name] = json!(value);
        assert_eq!(
            accepted(&token, &[&public]),
            Err(Wrong::UnknownKey),
            "{value}"
        );
    }
    let mut public = one.public.clone();
    public.as_object_mut().expect("an object").remove("alg");
    assert!(accepted(&token, &[&public]).is_ok(), "it need not say so");
    for odd in [json!(null), json!("x"), json!({}), json!({"kty": "EC"})] {
        assert!(Key::read(&odd).is_none(), "{odd}");
    }
}

#[test]
fn nobody_signs_by_what_everybody_knows() {
    let rsa = Pair::new(Algorithm::RS256, "one");
    let parts = |header: Value, claims: &Value| format!("{}.{}", part(&header), part(claims));
    // The key that the provider publishes, taken for a secret.
    let modulus = rsa.public["n"].as_str().expect("a modulus").as_bytes();
    for (name, algorithm) in [("HS256", Algorithm::HS256), ("HS512", Algorithm::HS512)] {
        let mut header = Header::new(algorithm);
        header.kid = Some("one".to_owned());
        let known = EncodingKey::from_secret(modulus).expect("a secret");
        let token = encode(&header, &claims(), &known).expect("signed");
        assert_eq!(
            accepted(&token, &[&rsa.public]),
            Err(Wrong::Algorithm),
            "{name}"
        );
        let oct = json!({"kty": "oct", "kid": "one", "alg": name, "k": rsa.public["n"]});
        assert!(Key::read(&oct).is_none(), "a secret is published by nobody");
    }
    for none in ["none", "None", "NONE", "", "HS1", "RS1"] {
        let unsigned = parts(json!({"alg": none, "kid": "one"}), &claims());
        for signature in ["", "AAAA"] {
            let token = format!("{unsigned}.{signature}");
            assert_eq!(
                accepted(&token, &[&rsa.public]),
                Err(Wrong::Algorithm),
                "{none}"
            );
        }
    }
    // Another method of the same family than the key is for, and a token that is changed.
    let token = rsa.signs(Some("one"), &claims());
    let (_, signature) = token.rsplit_once('.').expect("a signature");
    let pss = parts(json!({"alg": "PS256", "kid": "one"}), &claims());
    let pss = format!("{pss}.{signature}");
    assert_eq!(accepted(&pss, &[&rsa.public]), Err(Wrong::UnknownKey));
    let other = parts(
        json!({"alg": "RS256", "kid": "one"}),
        &with("sub", json!("1")),
    );
    let other = format!("{other}.{signature}");
    assert_eq!(accepted(&other, &[&rsa.public]), Err(Wrong::Signature));
    let unsigned = format!(
        "{}.",
        parts(json!({"alg": "RS256", "kid": "one"}), &claims())
    );
    assert_eq!(accepted(&unsigned, &[&rsa.public]), Err(Wrong::Signature));
    // What says that a larger curve is meant.
    let larger = Pair::new(Algorithm::ES384, "one");
    let token = larger.signs(Some("one"), &claims());
    assert_eq!(accepted(&token, &[&larger.public]), Err(Wrong::Algorithm));
}

#[test]
fn whoever_it_is_of_for_whom_and_when_it_is_said() {
    let pair = Pair::new(Algorithm::EdDSA, "one");
    let read = |claims: &Value| accepted(&pair.signs(Some("one"), claims), &[&pair.public]);
    for good in [
        claims(),
        with("aud", json!([CLIENT])),
        with("azp", json!(CLIENT)),
        with("exp", json!(NOW - LEEWAY + 1)),
        with("exp", json!(NOW as f64 + 10.5)),
        with("iat", json!(NOW + LEEWAY)),
        with("nbf", json!(NOW + LEEWAY)),
        with("sub", json!("x".repeat(LONGEST_SUBJECT))),
    ] {
        assert!(read(&good).is_ok(), "{good}");
    }
    for (wrong, bad) in [
        (
            Wrong::Issuer,
            with("iss", json!("https://id.school.example/staff/")),
        ),
        (Wrong::Issuer, with("iss", json!("https://evil.example"))),
        (Wrong::Issuer, with("iss", json!([ISSUER]))),
        (Wrong::Issuer, without("iss")),
        (Wrong::Audience, with("aud", json!("another"))),
        (Wrong::Audience, with("aud", json!([]))),
        (Wrong::Audience, with("aud", json!([CLIENT, "another"]))),
        (Wrong::Audience, with("aud", json!({"0": CLIENT}))),
        (Wrong::Audience, without("aud")),
        (Wrong::Audience, with("azp", json!("another"))),
        (Wrong::Audience, with("azp", json!(null))),
        (Wrong::Nonce, with("nonce", json!("of another browser"))),
        (Wrong::Nonce, with("nonce", json!(""))),
        (Wrong::Nonce, without("nonce")),
        (Wrong::Expired, with("exp", json!(NOW - LEEWAY))),
        (Wrong::Expired, with("exp", json!(-1))),
        (Wrong::Timeless, with("exp", json!("tomorrow"))),
        (Wrong::Timeless, without("exp")),
        (Wrong::Timeless, without("iat")),
        (Wrong::NotYet, with("iat", json!(NOW + LEEWAY + 1))),
        (Wrong::NotYet, with("nbf", json!(NOW + LEEWAY + 1))),
        (Wrong::Subject, with("sub", json!(""))),
        (Wrong::Subject, with("sub", json!(7))),
        (
            Wrong::Subject,
            with("sub", json!("x".repeat(LONGEST_SUBJECT + 1))),
        ),
        (Wrong::Subject, with("sub", json!("adä"))),
        (Wrong::Subject, without("sub")),
    ] {
        assert_eq!(read(&bad), Err(wrong), "{bad}");
    }
}

#[test]
fn what_is_no_token_is_none_and_a_huge_one_is_not_read() {
    let pair = Pair::new(Algorithm::EdDSA, "one");
    for text in [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "\u{1F600}.x.y",
        "e30.e30.e30",
    ] {
        assert!(accepted(text, &[&pair.public]).is_err(), "{text}");
    }
    let huge = pair.signs(Some("one"), &with("groups", json!("x".repeat(LONGEST))));
    assert_eq!(accepted(&huge, &[&pair.public]), Err(Wrong::TooLong));
    let large = pair.signs(Some("one"), &with("groups", json!("x".repeat(LONGEST / 2))));
    assert!(accepted(&large, &[&pair.public]).is_ok());
}

#[test]
fn an_address_is_verified_where_the_provider_says_so() {
    let of = |claims: Value| Claims::of(&claims).is_verified;
    for (claims, is) in [
        (json!({"email_verified": true}), true),
        (json!({"email_verified": "true"}), true),
        (json!({"xms_edov": true}), true),
        (json!({"xms_edov": "1"}), true),
        (json!({"xms_edov": 1}), true),
        (json!({"email_verified": false}), false),
        (json!({"email_verified": "false"}), false),
        (json!({"email_verified": "yes"}), false),
        (json!({"email_verified": null, "xms_edov": 0}), false),
        (json!({}), false),
    ] {
        assert_eq!(of(claims.clone()), is, "{claims}");
    }
    let long = json!({"email": "x".repeat(LONGEST_TEXT + 1)});
    assert_eq!(Claims::of(&long).email, None);
}
