//! What webhooks are signed with (Standard Webhooks, "Signature scheme": symmetric).

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::plain_file;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// How many bytes one has.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// How many there may be: the one of before is there while receivers learn the new one.
const MOST: usize = 3;

/// The largest file that is read.
const LARGEST: u64 = 4096;

/// Why nothing can be signed: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file is not there or may not be read.
    #[error("cannot read webhooks.secret_file {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no secret in it.
    #[error(
        "webhooks.secret_file {} holds no secret: write 1 to 3 lines, each \"whsec_\" and 24 to 64 bytes in \
         base64, as by echo \"whsec_$(openssl rand -base64 32)\"",
        path.display()
    )]
    NoSecret {
        /// Which.
        path: PathBuf,
    },
    /// TLS cannot be had.
    #[error("cannot use TLS for webhooks: this machine has no certificates to trust")]
    Tls,
}

/// The secrets, each of which signs.
pub(super) struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    pub(super) fn read(file: &Path) -> Result<Self, SecretsError> {
        let text = plain_file::read_text(file, LARGEST);
        let text = text.map_err(|source| SecretsError::Unreadable {
            path: file.to_owned(),
            source,
        })?;
        Self::parse(&text).ok_or_else(|| SecretsError::NoSecret {
            path: file.to_owned(),
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let secrets: Option<Vec<Vec<u8>>> = lines
            .map(|line| {
                let secret = BASE64.decode(line.strip_prefix(PREFIX)?.as_bytes()).ok()?;
                BYTES.contains(&secret.len()).then_some(secret)
            })
            .collect();
        let secrets = secrets?;
        (1..=MOST).contains(&secrets.len()).then_some(Self(secrets))
    }

    /// The signatures of what is sent, one for each secret.
    pub(super) fn sign(&self, message: &str, seconds: i64, body: &str) -> String {
        let signed = format!("{message}.{seconds}.{body}");
        let signatures = self.0.iter().filter_map(|secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(signed.as_bytes());
            let signature = BASE64.encode(&mac.finalize().into_bytes());
            Some(format!("v1,{signature}"))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of Standard Webhooks are tested with.
    #[test]
    fn it_signs_as_others_do() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
        let secrets = Secrets::parse(secret).expect("a secret");
        let signature = secrets.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_file_without_a_secret_is_refused() {
        let one = format!("whsec_{}", BASE64.encode(&[7; 32]));
        let short = format!("whsec_{}", BASE64.encode(&[7; 23]));
        let long = format!("whsec_{}", BASE64.encode(&[7; 65]));
        assert!(Secrets::parse(&format!("{one}\n\n{one}\n")).is_some());
        let many = [one.as_str(); 4].join("\n");
        for bad in [
            "",
            "\n",
            &one[6..],
            &short,
            &long,
            &many,
            "whsec_!",
            "whsec_",
        ] {
            assert!(Secrets::parse(bad).is_none(), "{bad:?}");
        }
        let both = Secrets::parse(&format!("{one}\n{one}")).expect("two");
        assert_eq!(both.sign("a", 1, "b").split(' ').count(), 2);
    }
}
