//! What is to be the same at all of several nodes: a page or a letter comes from any of them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::{Calls, Import, Limits, Openid, Powers, Settings};
use crate::plain_file;
use crate::private::Private;

/// A digest of each such setting, by its key.
pub type Digests = BTreeMap<String, String>;

/// How much is read of a file of secrets.
const MOST: u64 = 4096;

/// What is to be the same, by key, as it is set.
type Set = Vec<(&'static str, String)>;

fn shown(value: &dyn Debug) -> String {
    format!("{value:?}")
}

impl Settings {
    /// Those of this program, each as `digest` makes it of the setting and its key: secrets are among them, so nobody may
    /// guess what a digest is made of who does not hold the key of the nodes. Where e-mails and text messages go out by is
    /// each node's own; that they go out is not. So are the addresses and workers of media, and how many connections a
    /// machine carries.
    #[must_use]
    pub fn alike(&self, digest: impl Fn(&str, &str) -> String) -> Digests {
        let mut all = vec![
            ("http.public_url", shown(&self.http.public_url)),
            ("mail.smtp_host", shown(&self.mail.host.is_some())),
            ("mail.from", shown(&self.mail.from)),
            ("mail.settle_s", shown(&self.mail.settle)),
            ("texts.url", shown(&self.texts.url.is_some())),
            ("texts.countries", shown(&self.texts.countries)),
            ("texts.most_a_day", shown(&self.texts.most_a_day)),
            ("audit.mail_every_days", shown(&self.audit.mail_every_days)),
            (
                "cluster.redis_url",
                shown(&self.cluster.redis_url.is_some()),
            ),
        ];
        all.extend(calls(&self.calls));
        all.extend(powers(self.powers));
        all.extend(limits(&self.limits));
        all.extend(openid(&self.openid));
        all.extend(self.webhooks());
        all.extend(import(&self.import));
        let all = all.into_iter();
        all.map(|(key, value)| (key.to_owned(), digest(key, &value)))
            .collect()
    }

    fn webhooks(&self) -> Set {
        let urls: Vec<_> = self.webhooks.urls.iter().map(Private::reveal).collect();
        let file = self.webhooks.secret_file.as_deref();
        // One that cannot be read is said where it is used.
        let secrets = file.and_then(|it| plain_file::read_text(it, MOST).ok());
        let secrets = secrets.unwrap_or_default();
        let lines = secrets.lines().map(str::trim).filter(|it| !it.is_empty());
        vec![
            ("webhooks.urls", shown(&urls)),
            ("webhooks.secret_file", lines.collect::<Vec<_>>().join("\n")),
            ("webhooks.events", shown(&self.webhooks.events)),
        ]
    }
}

fn calls(calls: &Calls) -> Set {
    let Calls {
        cap,
        grace,
        closed_grace,
        hold_seat_for_parent,
        member_within,
        heartbeat,
        opens_before,
        closes_after,
    } = calls;
    vec![
        ("calls.cap", shown(cap)),
        ("calls.grace_s", shown(grace)),
        ("calls.closed_grace_s", shown(closed_grace)),
        ("calls.hold_seat_for_parent", shown(hold_seat_for_parent)),
        ("calls.member_within_s", shown(member_within)),
        ("calls.heartbeat_ms", shown(heartbeat)),
        ("calls.opens_before_min", shown(opens_before)),
        ("calls.closes_after_min", shown(closes_after)),
    ]
}

fn powers(powers: Powers) -> Set {
    let Powers {
        teacher,
        parent,
        guest,
        member,
    } = powers;
    vec![
        ("powers.teacher", shown(&teacher)),
        ("powers.parent", shown(&parent)),
        ("powers.guest", shown(&guest)),
        ("powers.member", shown(&member)),
    ]
}

/// But for those that go by what the machine carries.
fn limits(limits: &Limits) -> Set {
    let Limits {
        joins_per_link,
        joins_per_address,
        guesses_per_address,
        requests_per_link,
        requests_per_address,
        visitors_per_address,
        visitors_by_link,
        sign_ins_per_address,
        connections: _,
        connections_of_address: _,
        connections_per_address: _,
    } = limits;
    vec![
        ("limits.joins_per_link_per_min", shown(joins_per_link)),
        ("limits.joins_per_address_per_min", shown(joins_per_address)),
        (
            "limits.guesses_per_address_per_min",
            shown(guesses_per_address),
        ),
        ("limits.requests_per_link_per_min", shown(requests_per_link)),
        (
            "limits.requests_per_address_per_min",
            shown(requests_per_address),
        ),
        (
            "limits.visitors_per_address_per_hour",
            shown(visitors_per_address),
        ),
        (
            "limits.visitors_per_link_and_address",
            shown(visitors_by_link),
        ),
        (
            "limits.sign_ins_per_address_per_min",
            shown(sign_ins_per_address),
        ),
    ]
}

fn openid(openid: &Openid) -> Set {
    let Openid {
        issuer,
        client_id,
        client_secret,
        name,
        domains,
        trust_addresses,
        only,
    } = openid;
    vec![
        ("openid.issuer", shown(issuer)),
        ("openid.client_id", shown(client_id)),
        ("openid.client_secret", client_secret.reveal().clone()),
        ("openid.name", shown(name)),
        ("openid.domains", shown(domains)),
        ("openid.trust_addresses", shown(trust_addresses)),
        ("openid.only", shown(only)),
    ]
}

/// The folder is one machine's.
fn import(import: &Import) -> Set {
    let Import {
        wonde_url,
        folder: _,
        folder_is_whole: _,
    } = import;
    vec![("import.wonde_url", shown(wonde_url))]
}
