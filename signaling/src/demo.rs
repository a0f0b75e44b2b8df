//! `homeroom demo`: one joint appointment, or several alike, made anew with every start.

use std::collections::HashSet;
use std::fmt::Write as _;

use call::CallId;
use links::{Key, KeyId, Keyring, LinkId};
use serde::{Serialize, Serializer};
use wire::message::Role;

use crate::PublicUrl;
use crate::private::Private;
use crate::roster::{Appointment, Entitled, Roster};

/// Whom an appointment is for: three teachers, a parent, and the guest whom the parent invited.
const PEOPLE: [(&str, Role); 5] = [
    ("Ms Okafor", Role::Teacher),
    ("Mr Lindqvist", Role::Teacher),
    ("Dr Haddad", Role::Teacher),
    ("Maria Santos", Role::Parent),
    ("Paulo Santos", Role::Guest),
];

/// One person and the link that is theirs.
#[derive(Debug, Serialize)]
pub struct Invited {
    name: &'static str,
    role: Role,
    #[serde(serialize_with = "reveal")]
    url: Private<String>,
}

/// The appointments, their keys and their links.
#[derive(Debug)]
pub struct Demo {
    /// Who is entitled to them.
    pub roster: Roster,
    /// What its links are made with.
    pub keyring: Keyring,
    /// Those entitled, in order.
    pub invited: Vec<Invited>,
}

impl Demo {
    /// Makes `calls` appointments, with links to the server at `public_url`.
    #[must_use]
    pub fn new(public_url: &PublicUrl, calls: u16) -> Self {
        let mut rng = rand::rng();
        let keyring = Keyring::new(KeyId(1), Key::random(&mut rng));
        let mut taken = HashSet::new();
        let mut appointments = Vec::new();
        let mut invited = Vec::new();
        for call in 1..=u64::from(calls) {
            let records = [(); PEOPLE.len()].map(|()| {
                loop {
                    let id = LinkId::random(&mut rng);
                    if taken.insert(id) {
                        return keyring.record(id);
                    }
                }
            });
            let people =
                (1..)
                    .zip(PEOPLE)
                    .zip(records)
                    .map(|((participant, (name, role)), record)| {
                        let path = keyring.path(&record).map(|path| path.expose());
                        invited.push(Invited {
                            name,
                            role,
                            url: Private::new(format!("{public_url}{}", path.unwrap_or_default())),
                        });
                        let [.., parent, _] = records;
                        Entitled {
                            record,
                            participant,
                            name: Private::new(name.to_owned()),
                            role,
                            invited_by: (role == Role::Guest)
                                .then(|| crate::roster::link_of(parent.id)),
                        }
                    });
            appointments.push(Appointment {
                call: CallId(call),
                title: Private::new("Joint appointment: Year 8".to_owned()),
                people: people.collect(),
            });
        }
        Self {
            roster: Roster::new(appointments),
            keyring,
            invited,
        }
    }

    /// One JSON array of `{"name","role","url"}`, for a program.
    ///
    /// # Errors
    ///
    /// Never: the list is plain.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.invited)
    }

    /// A short table, for a person.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::from(
            "A joint appointment. Open a link in a browser for each of these people:\n\n",
        );
        for one in &self.invited {
            let role = match one.role {
                Role::Teacher => "teacher",
                Role::Parent => "parent",
                Role::Guest => "guest",
            };
            // A String takes everything.
            if writeln!(table, "  {role:<8}{:<14}{}", one.name, one.url.reveal()).is_err() {
                break;
            }
        }
        table.push_str("\nThese links work until the program ends. Ctrl-C ends it.\n");
        table
    }
}

fn reveal<S: Serializer>(url: &Private<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.reveal())
}
