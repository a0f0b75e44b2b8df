use super::*;

#[path = "../../tests/server/support/security_key.rs"]
mod security_key;
use security_key::{Said, SecurityKey};

const ORIGIN: &str = "https://calls.example:8443";
const DOMAIN: &str = "calls.example";

fn site() -> Site {
    let url = PublicUrl::parse(ORIGIN).expect("it is one");
    Site::of(&url).expect("a name")
}

fn said(ceremony: &str) -> Said {
    Said::properly(ceremony, (ORIGIN, DOMAIN), &text(&[7; CHALLENGE]))
}

fn made_by(key: &SecurityKey, said: &Said, ceremony: Ceremony) -> Result<Made, Unproven> {
    let sent = key.made(said);
    let of = |name: &str| sent[name].as_str().expect("text").to_owned();
    Asked::read(&of("client_data"), ceremony, &site())?;
    let public_key = (&*of("public_key"), sent["algorithm"].as_i64().expect("one"));
    Made::read(&of("authenticator_data"), public_key, &site())
}

fn signed_by(
    key: &SecurityKey,
    said: &Said,
    (algorithm, public_key): (Algorithm, &[u8]),
) -> Result<([u8; 32], u32), Unproven> {
    let sent = key.signed(said);
    let of = |name: &str| sent[name].as_str().expect("text").to_owned();
    let asked = Asked::read(&of("client_data"), Ceremony::Get, &site())?;
    let shown = (&*of("authenticator_data"), &*of("signature"));
    let count = signed(&asked, shown, (algorithm, public_key), &site())?;
    Ok((asked.digest(), count))
}

#[test]
fn a_key_of_each_kind_signs_what_it_is_asked() {
    for algorithm in Algorithm::ALL {
        let key = SecurityKey::of(algorithm.number());
        let made = made_by(&key, &said("create"), Ceremony::Create).expect("made");
        assert_eq!((made.algorithm, made.count), (algorithm, 0));
        assert_eq!(made.credential, key.credential);
        assert_eq!(made.public_key, key.public_key().0);
        let counted = Said {
            count: 17,
            ..said("get")
        };
        let own = (algorithm, made.public_key.as_slice());
        let shown = signed_by(&key, &counted, own).expect("signed");
        let digest: [u8; 32] = Sha256::digest([7; CHALLENGE]).into();
        assert_eq!(shown, (digest, 17));
        let other = SecurityKey::of(algorithm.number());
        let foreign = signed_by(&other, &counted, own);
        assert_eq!(foreign, Err(Unproven::Unsigned), "{algorithm:?}");
    }
}

#[test]
fn what_was_asked_otherwise_shows_nothing() {
    type Change = fn(&mut Said);
    let changes: [(Change, Unproven); 9] = [
        (
            |it| it.ceremony = "webauthn.other".to_owned(),
            Unproven::Otherwise,
        ),
        (
            |it| it.origin = "https://evil.example".to_owned(),
            Unproven::Elsewhere,
        ),
        (
            |it| it.origin = "https://calls.example".to_owned(),
            Unproven::Elsewhere,
        ),
        (
            |it| it.origin = "http://calls.example:8443".to_owned(),
            Unproven::Elsewhere,
        ),
        (|it| it.cross_origin = true, Unproven::Elsewhere),
        (
            |it| it.domain = "evil.example".to_owned(),
            Unproven::Elsewhere,
        ),
        (|it| it.flags = 0b100, Unproven::Nobody),
        (
            |it| it.challenge = text(&[7; CHALLENGE - 1]),
            Unproven::Otherwise,
        ),
        (
            |it| it.challenge = "no base64!".to_owned(),
            Unproven::Unreadable,
        ),
    ];
    let key = SecurityKey::new();
    let own = key.public_key().0;
    let own = (Algorithm::Es256, own.as_slice());
    for (nth, (change, why)) in changes.into_iter().enumerate() {
        let [mut create, mut get] = ["create", "get"].map(said);
        change(&mut create);
        change(&mut get);
        let made = made_by(&key, &create, Ceremony::Create).map(drop);
        assert_eq!(made, Err(why), "{nth}");
        assert_eq!(signed_by(&key, &get, own), Err(why), "{nth}");
    }
    // One ceremony is not the other.
    let made = made_by(&key, &said("get"), Ceremony::Create).map(drop);
    assert_eq!(made, Err(Unproven::Otherwise));
    let shown = signed_by(&key, &said("create"), own);
    assert_eq!(shown, Err(Unproven::Otherwise));
}

#[test]
fn a_signature_is_of_that_and_of_nothing_else() {
    let key = SecurityKey::new();
    let (public_key, _) = key.public_key();
    let own = (Algorithm::Es256, public_key.as_slice());
    let sent = key.signed(&said("get"));
    let of = |name: &str| sent[name].as_str().expect("text");
    let asked = Asked::read(of("client_data"), Ceremony::Get, &site()).expect("read");
    let data = bytes(of("authenticator_data")).expect("read");
    // Its flags, its count and what stands behind them are signed with it.
    for place in 32..data.len() {
        let mut otherwise = data.clone();
        otherwise[place] ^= 0b1000;
        let shown = (text(&otherwise), of("signature").to_owned());
        let shown = signed(&asked, (&shown.0, &shown.1), own, &site());
        assert_eq!(shown, Err(Unproven::Unsigned), "{place}");
    }
    let longer = text(&[data.as_slice(), &[0]].concat());
    let shown = signed(&asked, (&longer, of("signature")), own, &site());
    assert_eq!(shown, Err(Unproven::Unsigned));
    let other = key.signed(&Said {
        challenge: text(&[8; CHALLENGE]),
        ..said("get")
    });
    let replayed = (
        of("authenticator_data"),
        other["signature"].as_str().expect("text"),
    );
    assert_eq!(
        signed(&asked, replayed, own, &site()),
        Err(Unproven::Unsigned)
    );
    // A key of another kind is none.
    for algorithm in [Algorithm::EdDsa, Algorithm::Rs256] {
        let shown = (of("authenticator_data"), of("signature"));
        let shown = signed(&asked, shown, (algorithm, &public_key), &site());
        assert_eq!(shown, Err(Unproven::Unreadable), "{algorithm:?}");
    }
}

#[test]
fn what_is_cut_or_too_long_is_refused() {
    let key = SecurityKey::new();
    let sent = key.made(&said("create"));
    let of = |name: &str| sent[name].as_str().expect("text");
    let data = bytes(of("authenticator_data")).expect("read");
    let public_key = of("public_key");
    // What is read ends with what the authenticator calls the key.
    for length in 0..37 + 16 + 2 + 32 {
        let cut = Made::read(&text(&data[..length]), (public_key, -7), &site());
        assert_eq!(cut.map(drop), Err(Unproven::Unreadable), "{length}");
    }
    for length in [0, 12, 1024, u16::MAX] {
        let mut other = data.clone();
        other[53..55].copy_from_slice(&length.to_be_bytes());
        other.resize(4096, 0);
        let made = Made::read(&text(&other), (public_key, -7), &site());
        assert_eq!(made.map(drop), Err(Unproven::Unreadable), "{length}");
    }
    for (public_key, algorithm, why) in [
        ("", -7, Unproven::Unreadable),
        ("AAAA", -7, Unproven::Unreadable),
        (public_key, -257, Unproven::Unreadable),
        (public_key, -35, Unproven::Otherwise),
        (public_key, i64::MIN, Unproven::Otherwise),
    ] {
        let made = Made::read(of("authenticator_data"), (public_key, algorithm), &site());
        assert_eq!(made.map(drop), Err(why), "{algorithm}");
    }
    let long = "A".repeat(8192);
    let asked = Asked::read(&long, Ceremony::Get, &site());
    assert_eq!(asked.map(drop), Err(Unproven::Unreadable));
    for odd in ["", "e30", "bnVsbA", "bm8ganNvbg", "e30=", "\u{e9}"] {
        let asked = Asked::read(odd, Ceremony::Get, &site());
        assert_eq!(asked.map(drop), Err(Unproven::Unreadable), "{odd}");
    }
}

#[test]
fn browsers_have_passkeys_where_there_is_a_name_and_nobody_listens() {
    for (url, domain) in [
        ("https://calls.example", Some("calls.example")),
        ("https://calls.example:8443", Some("calls.example")),
        ("https://intranet", Some("intranet")),
        ("http://localhost:8080", Some("localhost")),
        ("https://localhost", Some("localhost")),
        ("http://calls.example", None),
        ("http://127.0.0.1:8080", None),
        ("https://192.0.2.1", None),
        ("https://[::1]:8080", None),
    ] {
        let site = Site::of(&PublicUrl::parse(url).expect("it is one"));
        let found = site.as_ref().map(|it| it.domain.as_str());
        assert_eq!(found, domain, "{url}");
        assert!(site.is_none_or(|it| it.origin == url), "{url}");
    }
}
