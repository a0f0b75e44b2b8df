//! `homeroom demo`: a school with an evening that runs now, in records of its own.

use std::fmt::Write as _;

use jiff::SignedDuration;
use school::meeting::Margins;
use serde::{Serialize, Serializer};
use store::HeldLink;

use crate::PublicUrl;
use crate::data::{Data, DataError};
use crate::private::Private;

/// How long an appointment of the demonstration is, minutes: whoever tries it out may take their time.
/// Six of them make the evening.
const SLOT: u16 = 120;

/// How many people each joint appointment is for: three teachers, a parent and their guest.
const GROUP: usize = 5;

/// All of its appointments can be joined from the start.
pub const MARGINS: Margins = Margins {
    before: SignedDuration::from_hours(24),
    after: Margins::DEFAULT.after,
};

/// One person and the link that is theirs.
#[derive(Debug, Serialize)]
pub struct Invited {
    name: String,
    role: &'static str,
    #[serde(serialize_with = "reveal")]
    url: Private<String>,
}

/// Those who were made up, and their links.
#[derive(Debug)]
pub struct Demo {
    invited: Vec<Invited>,
}

impl Demo {
    /// Fills the empty records with `calls` joint appointments that can be joined now and, where it
    /// is one, shows the links of everybody else too, and the one that sets up the office.
    ///
    /// # Errors
    ///
    /// [`DataError`].
    pub async fn fill(data: &Data, public_url: &PublicUrl, calls: u16) -> Result<Self, DataError> {
        let seeded = data
            .store
            .seed_demonstration(calls, SLOT, ambient::now())
            .await?;
        let mut invited: Vec<_> = seeded
            .people
            .iter()
            .filter_map(|held| invited(data, public_url, held))
            .collect();
        if calls == 1 {
            if let Some(url) = data.set_up_link(public_url).await? {
                invited.push(Invited {
                    name: "School office".to_owned(),
                    role: "office",
                    url,
                });
            }
        } else {
            invited.truncate(GROUP * usize::from(calls));
        }
        Ok(Self { invited })
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
            "A parents' evening that runs now. The first five meet in a joint appointment: open a \
             link in a browser for each of them.\n\n",
        );
        for (n, one) in self.invited.iter().enumerate() {
            if n == GROUP {
                table.push_str("\nThe others of the evening:\n\n");
            }
            // A String takes everything.
            if writeln!(
                table,
                "  {:<8}{:<18}{}",
                one.role,
                one.name,
                one.url.reveal()
            )
            .is_err()
            {
                break;
            }
        }
        table.push_str("\nCtrl-C ends it.\n");
        table
    }
}

fn invited(data: &Data, public_url: &PublicUrl, held: &HeldLink) -> Option<Invited> {
    let path = data.keyring.path(&held.record)?;
    Some(Invited {
        name: held.name.reveal().to_owned(),
        role: held.holder.kind().code(),
        url: Private::new(format!("{public_url}{}", path.expose())),
    })
}

fn reveal<S: Serializer>(url: &Private<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.reveal())
}
