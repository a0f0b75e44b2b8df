//! How the rows of the audit log are bound to each other and sealed, and whether all of them hold.
//!
//! A row's hash is over the hash of the one before. Since there are seals it is made with a key of the
//! file `keys`, which is not in the records: whoever can write in the database alone cannot write a
//! row that holds. What such a seal cannot show is that the newest rows were taken away; for that a
//! head is kept elsewhere, as in an e-mail.

use std::fmt;
use std::str::FromStr;

use links::{KeyId, Keyring};
use sha2::{Digest as _, Sha256};

use super::{Action, AuditRow, FIRST};
use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;

/// A log that does not hold. It is gone through to its end all the same: what stands behind a row that does not hold
/// may be whole, and is to be looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BrokenAudit {
    /// The first row that is not what it was, or is missing.
    pub broken: Option<BrokenChain>,
    /// The rows that carry no seal, though some before them do. They follow from those before.
    pub unsealed: Option<UnsealedRows>,
    /// Its last row.
    pub head: Option<AuditHead>,
}

impl fmt::Display for BrokenAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.broken, &self.unsealed) {
            (Some(broken), Some(unsealed)) => write!(f, "{broken}; and {unsealed}"),
            (Some(broken), None) => write!(f, "{broken}"),
            (None, Some(unsealed)) => write!(f, "{unsealed}"),
            (None, None) => Ok(()),
        }
    }
}

/// Rows without a seal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnsealedRows {
    /// How many.
    pub rows: u64,
    /// The number of the first.
    pub first: i64,
    /// The number of the last.
    pub last: i64,
}

impl UnsealedRows {
    const fn one(number: i64) -> Self {
        Self {
            rows: 1,
            first: number,
            last: number,
        }
    }

    /// These, and some that come after them.
    fn and(before: Option<Self>, after: Self) -> Self {
        before.map_or(after, |before| Self {
            rows: before.rows + after.rows,
            first: before.first,
            last: after.last,
        })
    }
}

impl fmt::Display for UnsealedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, first, last } = self;
        let by = "by an older version, without that file, or outside homeroom";
        if *rows == 1 {
            return write!(
                f,
                "row {first} of the audit log is not sealed with the file keys, and rows before it are: it was written {by}"
            );
        }
        write!(
            f,
            "{rows} rows of the audit log, the first of them row {first} and the last row {last}, are not sealed with \
             the file keys, and rows before them are: they were written {by}"
        )
    }
}

/// What is wrong with a row of the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BrokenChain {
    /// This row was changed, or one before it is missing.
    #[error(
        "row {0} of the audit log does not follow from the one before: it was changed outside homeroom"
    )]
    Changed(i64),
    /// This row says that a key sealed it which is not there, and stands where no row of a lost key can.
    #[error(
        "row {0} of the audit log is sealed with a key that is not in the file keys, where no row of an earlier \
         key can stand: it was changed outside homeroom, or is of another file keys"
    )]
    UnknownKey(i64),
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
    /// The last row that carries such a seal.
    pub lost_until: Option<i64>,
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

    /// Whether it says that new keys were made. That may stand unsealed behind sealed ones, directly before the
    /// first row of a higher key: where the old ones are lost there is nothing to seal it with.
    fn renews_keys(&self) -> bool {
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
    /// The hash of the row before.
    before: Vec<u8>,
    /// The number that comes next.
    next: i64,
    held: HeldAudit,
    /// The highest key that has sealed a row.
    highest: Option<KeyId>,
    /// The last rows without a seal that say that new keys were made, until a row of one follows.
    renewed: Option<UnsealedRows>,
    unsealed: Option<UnsealedRows>,
    broken: Option<BrokenChain>,
}

impl<'a> Check<'a> {
    fn begin(keys: Option<&'a Keyring>, wanted: Option<&'a AuditHead>) -> Self {
        Self {
            keys,
            wanted,
            before: FIRST.to_vec(),
            next: 1,
            held: HeldAudit {
                rows: 0,
                sealed: 0,
                of_lost_keys: 0,
                lost_until: None,
                head: None,
            },
            highest: None,
            renewed: None,
            unsealed: None,
            broken: None,
        }
    }

    fn see(&mut self, row: &AuditRow) {
        let digest = row.digest(self.keys);
        let is_as_made = digest.is_none_or(|it| row.hash == it);
        if row.number != self.next || row.before != self.before || !is_as_made {
            self.breaks(BrokenChain::Changed(self.next));
        }
        // What a changed row says of its seal says nothing.
        if is_as_made {
            match row.sealed_by {
                None => self.see_no_seal(row),
                Some(key) => self.see_seal(key, digest.is_some(), row.number),
            }
        }
        let head = row.head();
        if self
            .wanted
            .is_some_and(|it| it.number == row.number && *it != head)
        {
            self.breaks(BrokenChain::OtherHead(row.number));
        }
        self.held.rows += 1;
        self.held.head = Some(head);
        self.next = row.number.saturating_add(1);
        self.before.clone_from(&row.hash);
    }

    /// The first that is found is said.
    fn breaks(&mut self, broken: BrokenChain) {
        self.broken.get_or_insert(broken);
    }

    fn is_unsealed(&mut self, rows: UnsealedRows) {
        self.unsealed = Some(UnsealedRows::and(self.unsealed, rows));
    }

    /// A row without a seal: where rows before it have one, it may only say that new keys were made.
    fn see_no_seal(&mut self, row: &AuditRow) {
        if self.highest.is_none() {
            return;
        }
        let own = UnsealedRows::one(row.number);
        if row.renews_keys() {
            self.renewed = Some(UnsealedRows::and(self.renewed, own));
            return;
        }
        if let Some(renewed) = self.renewed.take() {
            self.is_unsealed(renewed);
        }
        self.is_unsealed(own);
    }

    /// A row with a seal. Whoever has no keys can name one that nobody has: rows of keys that are lost stand before
    /// all that a key of the ring sealed, and their numbers are lower, as each new key has the next one.
    fn see_seal(&mut self, key: KeyId, is_proved: bool, number: i64) {
        if is_proved {
            self.held.sealed += 1;
        } else {
            let may_be_lost = |keys: &Keyring| key < keys.current() && key > KeyId(0);
            if self.held.sealed > 0 || !self.keys.is_none_or(may_be_lost) {
                self.breaks(BrokenChain::UnknownKey(number));
                return;
            }
            self.held.of_lost_keys += 1;
            self.held.lost_until = Some(number);
        }
        if let Some(renewed) = self.renewed.take()
            && self.highest.is_some_and(|highest| key <= highest)
        {
            self.is_unsealed(renewed);
        }
        self.highest = self.highest.max(Some(key));
    }

    /// When all are seen; `last` is the hash that the last one should have.
    fn end(mut self, last: &[u8]) -> std::result::Result<HeldAudit, BrokenAudit> {
        if self.before != last {
            self.breaks(BrokenChain::Changed(self.next));
        }
        // New keys that have sealed nothing yet are there all the same.
        let has_new = |keys: &Keyring| self.highest < Some(keys.current());
        if let Some(renewed) = self.renewed
            && !self.keys.is_none_or(has_new)
        {
            self.is_unsealed(renewed);
        }
        if let Some(wanted) = self.wanted
            && wanted.number >= self.next
        {
            self.breaks(BrokenChain::CutOff(wanted.number));
        }
        if self.broken.is_none() && self.unsealed.is_none() {
            return Ok(self.held);
        }
        Err(BrokenAudit {
            broken: self.broken,
            unsealed: self.unsealed,
            head: self.held.head,
        })
    }
}

impl Store {
    /// Whether every row follows from the one before, carries its seal, and none is missing; and
    /// whether the log still holds the row of that head, where one was kept.
    ///
    /// # Errors
    ///
    /// A fault of the database; the inner error names the first row that is not what it was, and those without a seal.
    pub async fn check_audit_log(
        &self,
        kept: Option<&AuditHead>,
    ) -> Result<std::result::Result<HeldAudit, BrokenAudit>> {
        let mut check = Check::begin(self.seals.as_deref(), kept);
        let last = self
            .walk_audit_log(|row| {
                check.see(&row);
                Ok(())
            })
            .await?;
        Ok(check.end(&last))
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
