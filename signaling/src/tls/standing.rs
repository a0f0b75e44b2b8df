//! How good a certificate is: whom it is for, and from when until when.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate that ends within so many days is worth a word.
pub(crate) const SOON_DAYS: i64 = 14;

const SECONDS_A_DAY: i64 = 86_400;

/// What a certificate is worth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    begins: Timestamp,
    ends: Timestamp,
    names: Vec<String>,
}

/// Where a certificate stands in its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Age {
    /// Its first moment is still to come, or this machine's clock is wrong.
    Early,
    /// It is valid, and so it is for so many whole days.
    Valid(i64),
    /// It has ended.
    Over,
}

impl Standing {
    /// Reads it; none where it is no certificate.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, own) = X509Certificate::from_der(certificate).ok()?;
        let validity = own.validity();
        Some(Self {
            begins: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            ends: Timestamp::from_second(validity.not_after.timestamp()).unwrap_or(Timestamp::MAX),
            names: names(&own),
        })
    }

    pub(crate) fn age(&self, now: Timestamp) -> Age {
        if now < self.begins {
            Age::Early
        } else if now > self.ends {
            Age::Over
        } else {
            Age::Valid((self.ends.as_second() - now.as_second()) / SECONDS_A_DAY)
        }
    }

    /// How long it lives, seconds.
    pub(crate) fn life_s(&self) -> i64 {
        self.ends.as_second() - self.begins.as_second()
    }

    /// Whether less than a third of its life is left: time for the next one.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now.as_second() >= self.ends.as_second() - self.life_s() / 3
    }

    /// Whether less than a sixth is left: the next one should have come.
    pub(crate) fn is_late(&self, now: Timestamp) -> bool {
        now.as_second() >= self.ends.as_second() - self.life_s() / 6
    }

    /// The names it is for.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn is_for(&self, host: &str) -> bool {
        self.names.iter().any(|name| covers(name, host))
    }

    /// Its last moment.
    pub(crate) const fn ends_at(&self) -> Timestamp {
        self.ends
    }

    /// Its last moment, for people.
    pub(crate) fn ends(&self) -> String {
        moment(self.ends)
    }

    /// Whether it is no worse than the one before for whoever goes to `host`; else, why.
    pub(crate) fn replaces(
        &self,
        before: &Self,
        host: &str,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let worth = |it: &Self| {
            let is_valid = matches!(it.age(now), Age::Valid(_));
            (is_valid && it.is_for(host), is_valid, it.is_for(host))
        };
        let (new, old) = (worth(self), worth(before));
        if new < old {
            return Err(match self.age(now) {
                Age::Over => "it has ended already",
                Age::Early => "it is not valid yet",
                Age::Valid(_) => "it is not for this server's name",
            });
        }
        // One that ends earlier is a copy from before, unless it was issued later.
        if new == old && self.ends < before.ends && self.begins <= before.begins {
            return Err("it is older, and ends earlier");
        }
        Ok(())
    }
}

/// A moment, for people.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn names(own: &X509Certificate<'_>) -> Vec<String> {
    let names = own.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    names.unwrap_or_default()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::DNSName(name) = name {
        return Some((*name).to_owned());
    }
    let GeneralName::IPAddress(bytes) = name else {
        return None;
    };
    if let Ok(four) = <[u8; 4]>::try_from(*bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(*bytes).ok()?;
    Some(std::net::Ipv6Addr::from(sixteen).to_string())
}

/// RFC 9525 §6.3: a star stands for one whole label, the first.
fn covers(name: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(rest) = name.strip_prefix("*.") else {
        return false;
    };
    host.split_once('.')
        .is_some_and(|(_, host)| host.eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = SECONDS_A_DAY;

    fn standing(begins: i64, ends: i64, name: &str) -> Standing {
        let at = |days| Timestamp::from_second(days * DAY).expect("a time");
        Standing {
            begins: at(begins),
            ends: at(ends),
            names: vec![name.to_owned()],
        }
    }

    #[test]
    fn a_worse_one_replaces_no_better_one() {
        let now = Timestamp::from_second(100 * DAY).expect("a time");
        let (own, other) = ("a.example", "b.example");
        let good = standing(50, 150, own);
        for (new, taken) in [
            (standing(90, 180, own), true),
            (standing(50, 150, own), true),
            // Issued later for a shorter life.
            (standing(99, 105, own), true),
            // A copy from before.
            (standing(10, 110, own), false),
            (standing(50, 110, own), false),
            (standing(10, 99, own), false),
            (standing(101, 200, own), false),
            (standing(90, 180, other), false),
        ] {
            assert_eq!(new.replaces(&good, own, now).is_ok(), taken, "{new:?}");
        }
        // What is over gives way to whatever is not worse.
        let over = standing(10, 99, own);
        for (new, taken) in [
            (standing(99, 105, own), true),
            (standing(99, 105, other), true),
            (standing(20, 99, own), true),
            (standing(5, 90, own), false),
            (standing(20, 99, other), false),
        ] {
            assert_eq!(new.replaces(&over, own, now).is_ok(), taken, "{new:?}");
        }
    }

    #[test]
    fn the_next_one_is_asked_for_when_a_third_of_its_life_is_left() {
        let it = standing(10, 100, "a");
        for (day, is) in [
            (10, false),
            (69, false),
            (70, true),
            (100, true),
            (200, true),
        ] {
            let now = Timestamp::from_second(day * DAY).expect("a time");
            assert_eq!(it.is_due(now), is, "day {day}");
            assert_eq!(it.is_late(now), day >= 85, "day {day}");
        }
    }

    #[test]
    fn names_cover_what_browsers_take() {
        for (name, host, is) in [
            ("a.example", "A.example", true),
            ("*.example", "a.example", true),
            ("*.example", "b.a.example", false),
            ("*.example", "example", false),
            ("::1", "[::1]", true),
        ] {
            assert_eq!(covers(name, host), is, "{name} {host}");
        }
    }

    #[test]
    fn days_are_whole() {
        let it = standing(0, 10, "a");
        let at = |second| it.age(Timestamp::from_second(second).expect("a time"));
        assert_eq!(at(-1), Age::Early);
        assert_eq!(at(0), Age::Valid(10));
        assert_eq!(at(1), Age::Valid(9));
        assert_eq!(at(10 * DAY), Age::Valid(0));
        assert_eq!(at(10 * DAY + 1), Age::Over);
        assert_eq!(it.ends(), "11 January 1970, 00:00 UTC");
    }
}
