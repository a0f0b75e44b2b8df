//! An authenticator of our own (`WebAuthn` Level 2), and the browser before it.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// One passkey, and what makes it.
pub(crate) struct SecurityKey {
    pair: Pair,
    pub(crate) credential: Vec<u8>,
}

/// What a page has the browser do, and what the authenticator says then.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) ceremony: String,
    pub(crate) challenge: String,
    pub(crate) origin: String,
    pub(crate) cross_origin: bool,
    pub(crate) domain: String,
    pub(crate) flags: u8,
    pub(crate) count: u32,
}

impl Said {
    /// A passkey is made, or signs, as it should.
    pub(crate) fn properly(
        ceremony: &str,
        (origin, domain): (&str, &str),
        challenge: &str,
    ) -> Self {
        Self {
            ceremony: format!("webauthn.{ceremony}"),
            challenge: challenge.to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
            domain: domain.to_owned(),
            // Somebody is there, and is who they were.
            flags: 0b101,
            count: 0,
        }
    }

    fn client_data(&self) -> String {
        let said = json!({
            "type": self.ceremony,
            "challenge": self.challenge,
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        });
        said.to_string()
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let mut data = Sha256::digest(self.domain.as_bytes()).to_vec();
        data.push(self.flags);
        data.extend(self.count.to_be_bytes());
        data
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl SecurityKey {
    /// One that signs as COSE numbers it.
    pub(crate) fn of(algorithm: i32) -> Self {
        let pair = match algorithm {
            -7 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING);
                Pair::Es256(pair.expect("a key"))
            }
            -8 => Pair::EdDsa(Ed25519KeyPair::generate().expect("a key")),
            _ => Pair::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
        };
        let credential: [u8; 32] = ambient::random();
        Self {
            pair,
            credential: credential.to_vec(),
        }
    }

    pub(crate) fn new() -> Self {
        Self::of(-7)
    }

    pub(crate) fn id(&self) -> String {
        text(&self.credential)
    }

    /// Its key, and how it signs.
    pub(crate) fn public_key(&self) -> (Vec<u8>, i32) {
        let (der, algorithm) = match &self.pair {
            Pair::Es256(pair) => (pair.public_key().as_der(), -7),
            Pair::EdDsa(pair) => (pair.public_key().as_der(), -8),
            Pair::Rs256(pair) => (pair.public_key().as_der(), -257),
        };
        (der.expect("a key").as_ref().to_vec(), algorithm)
    }

    /// What a page sends of it when it was made.
    pub(crate) fn made(&self, said: &Said) -> Value {
        let mut said = said.clone();
        said.flags |= 1 << 6;
        let mut data = said.authenticator_data();
        data.extend([0; 16]);
        let length = u16::try_from(self.credential.len()).expect("short");
        data.extend(length.to_be_bytes());
        data.extend(&self.credential);
        // The key in CBOR stands here, which nobody reads.
        data.extend([0xa5, 1, 2, 3, 0x26]);
        let (public_key, algorithm) = self.public_key();
        json!({
            "client_data": text(said.client_data().as_bytes()),
            "authenticator_data": text(&data),
            "public_key": text(&public_key),
            "algorithm": algorithm,
            "transports": ["usb"],
        })
    }

    /// What a page sends when it has signed.
    pub(crate) fn signed(&self, said: &Said) -> Value {
        let (client_data, data) = (said.client_data(), said.authenticator_data());
        let hash = Sha256::digest(client_data.as_bytes());
        let message = [data.as_slice(), &hash].concat();
        let chance = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Es256(pair) => pair
                .sign(&chance, &message)
                .expect("signed")
                .as_ref()
                .to_vec(),
            Pair::EdDsa(pair) => pair.sign(&message).as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &chance, &message, &mut signature)
                    .expect("signed");
                signature
            }
        };
        json!({
            "id": self.id(),
            "client_data": text(client_data.as_bytes()),
            "authenticator_data": text(&data),
            "signature": text(&signature),
        })
    }
}
