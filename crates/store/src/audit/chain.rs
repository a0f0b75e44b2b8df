//! How the rows of the audit log are bound to each other and sealed, and whether all of them hold.
//!
//! A row's hash is over the hash of the one before. Since there are seals it is made with a key of the
//! file `keys`, which is not in the records: whoever can write in the database alone cannot write a
//! row that holds. What such a seal cannot show is that the newest rows were taken away; for that a
//! head is kept elsewhere, as in an e-mail.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use links::Keyring;
use sha2::{Digest as _, Sha256};

use super::{Action, AuditRow, FIRST};
use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;

/// Why the log does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BrokenChain {
    /// This row was changed, or one before it is missing.
    #[error(
        "row {0} of the audit log does not follow from the one before: it was changed outside homeroom"
    )]
    Changed(i64),
    /// This row carries no seal, though one before it does.
    #[error(
        "row {0} of the audit log is not sealed with the file keys, and rows before it are: it was \
         written by an older version, without that file, or outside homeroom"
    )]
    Unsealed(i64),
    /// The row that is asked for is another than it was.
    #[error("row {0} of the audit log is not what it was when its hash was kept")]
    OtherHead(i64),
    /// The row that is asked for is not there.
    #[error("the audit log ends before row {0}: rows were taken away from its end")]
    CutOff(i64),
}

/// A row's number and hash, written `12:9f86d081…`: kept elsewhere, it shows later that the log up to
/// there is the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditHead {
    number: i64,
    hash: String,
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// A text that is no head.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is no row's number and hash, as 12:9f86d081 and 56 more digits")]
pub struct NoHead;

impl FromStr for AuditHead {
    type Err = NoHead;

    fn from_str(text: &str) -> std::result::Result<Self, NoHead> {
        // As it stands in an e-mail, where U+2068 and U+2069 set it apart from the words about it.
        let text = text
            .trim_matches(|it: char| it.is_whitespace() || matches!(it, '\u{2068}' | '\u{2069}'));
        let (number, hash) = text.split_once(':').ok_or(NoHead)?;
        let number = number.parse().ok().filter(|it| *it > 0).ok_or(NoHead)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|it| it.is_ascii_hexdigit());
        let hash = is_hash.then(|| hash.to_ascii_lowercase()).ok_or(NoHead)?;
        Ok(Self { number, hash })
    }
}

/// A log of which every row follows from the one before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldAudit {
    /// How many rows it has.
    pub rows: u64,
    /// How many of them carry a seal that a key of the file `keys` made.
    pub sealed: u64,
    /// How many carry one of a key that is not there any more: what they say cannot be proved.
    pub of_lost_keys: u64,
    /// Its last row.
    pub head: Option<AuditHead>,
}

impl AuditRow {
    /// The hash that the row should have, over the hash before and every field, each with its length
    /// before it: HMAC-SHA-256 by the key that sealed it, SHA-256 where none did. None where that key
    /// is not in the ring.
    pub(super) fn digest(&self, keys: Option<&Keyring>) -> Option<[u8; 32]> {
        let number = self.number.to_be_bytes();
        let at = self.at.as_millisecond().to_be_bytes();
        let fields: [&[u8]; 7] = [
            &self.before,
            &number,
            &at,
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
        ];
        if let Some(key) = self.sealed_by {
            return keys?.audit_seal(key, &fields);
        }
        let mut hash = Sha256::new();
        for field in fields {
            hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(field);
        }
        Some(hash.finalize().into())
    }

    /// Whether it may stand unsealed behind sealed ones: new keys are made where the old ones are
    /// lost, and there is nothing to seal that with.
    fn may_lack_seal(&self) -> bool {
        self.action == Action::KeysRenewed.code()
    }

    fn head(&self) -> AuditHead {
        AuditHead {
            number: self.number,
            hash: self.hash(),
        }
    }
}

/// Goes through the rows in order.
struct Check<'a> {
    keys: Option<&'a Keyring>,
    wanted: Option<&'a AuditHead>,
    before: Vec<u8>,
    held: HeldAudit,
    has_seals: bool,
}

impl Check<'_> {
    fn see(&mut self, row: &AuditRow) -> std::result::Result<(), BrokenChain> {
        let number = i64::try_from(self.held.rows).unwrap_or(i64::MAX - 1) + 1;
        let digest = row.digest(self.keys);
        let is_as_made = digest.is_none_or(|it| row.hash == it);
        if row.number != number || row.before != self.before || !is_as_made {
            return Err(BrokenChain::Changed(number));
        }
        if row.sealed_by.is_none() && self.has_seals && !row.may_lack_seal() {
            return Err(BrokenChain::Unsealed(number));
        }
        let head = row.head();
        if self
            .wanted
            .is_some_and(|it| it.number == number && *it != head)
        {
            return Err(BrokenChain::OtherHead(number));
        }
        self.has_seals |= row.sealed_by.is_some();
        self.held.rows += 1;
        self.held.sealed += u64::from(row.sealed_by.is_some() && digest.is_some());
        self.held.of_lost_keys += u64::from(digest.is_none());
        self.held.head = Some(head);
        self.before.clone_from(&row.hash);
        Ok(())
    }

    /// When all are seen; `last` is the hash that the last one should have.
    fn end(self, last: &[u8]) -> std::result::Result<HeldAudit, BrokenChain> {
        let next = i64::try_from(self.held.rows).unwrap_or(i64::MAX - 1) + 1;
        match self.wanted {
            _ if self.before != last => Err(BrokenChain::Changed(next)),
            Some(wanted) if wanted.number >= next => Err(BrokenChain::CutOff(wanted.number)),
            Some(_) | None => Ok(self.held),
        }
    }
}

impl Store {
    /// Whether every row follows from the one before, carries its seal, and none is missing; and
    /// whether the log still holds the row of that head, where one was kept.
    ///
    /// # Errors
    ///
    /// A fault of the database; the inner error names the first row that does not hold.
    pub async fn check_audit_log(
        &self,
        kept: Option<&AuditHead>,
    ) -> Result<std::result::Result<HeldAudit, BrokenChain>> {
        let mut check = Check {
            keys: self.seals.as_deref(),
            wanted: kept,
            before: FIRST.to_vec(),
            held: HeldAudit {
                rows: 0,
                sealed: 0,
                of_lost_keys: 0,
                head: None,
            },
            has_seals: false,
        };
        let mut broken = None;
        let last = self
            .walk_audit_log(|row| {
                broken = check.see(&row).err();
                Ok(match broken {
                    Some(_) => ControlFlow::Break(()),
                    None => ControlFlow::Continue(()),
                })
            })
            .await?;
        Ok(match broken {
            Some(broken) => Err(broken),
            None => check.end(&last),
        })
    }

    /// The last row of the log; none where it has none.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>> {
        let mut work = self.glance().await?;
        self.audit_head_in(&mut work).await
    }

    pub(crate) async fn audit_head_in(&self, work: &mut Work) -> Result<Option<AuditHead>> {
        let rows = self.newest_rows(work, i64::MAX, 1).await?;
        Ok(rows.first().map(AuditRow::head))
    }
}

#[cfg(test)]
mod tests {
    use super::AuditHead;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let text = format!("12:{}", "9f".repeat(32));
        let head: AuditHead = text.parse().expect("a head");
        assert_eq!(head.to_string(), text);
        let shouted: AuditHead = format!(" \u{2068}12:{}\u{2069}\n", "9F".repeat(32))
            .parse()
            .expect("a head");
        assert_eq!(shouted, head);
        for wrong in [
            "",
            "12",
            "12:9f",
            "0:",
            "-1:",
            &format!("0:{}", "9f".repeat(32)),
            &format!("12:{}", "zz".repeat(32)),
        ] {
            assert!(wrong.parse::<AuditHead>().is_err(), "{wrong:?}");
        }
    }
}
