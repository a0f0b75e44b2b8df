//! `homeroom demo`: a school with an evening that runs now, in records of its own.

use std::fmt::Write as _;

use jiff::SignedDuration;
use links::Record;
use school::meeting::{Door, Margins};
use school::{EmailAddress, Label, Name, Note, Rank};
use serde::{Serialize, Serializer};
use store::{Actor, AreaDraft, HeldLink, RoomDraft};

use crate::PublicUrl;
use crate::data::{Data, DataError, member_link};
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
    /// is one, shows the links of everybody else too, of a meeting room and its member, of a waiting
    /// area, its provider and who waits there, and the one that sets up the office.
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
            invited.extend(meeting_room(data, public_url).await?);
            invited.extend(waiting_area(data, public_url).await?);
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

/// A member of the staff, whose link has them choose a password and signs them in, and their room.
async fn meeting_room(data: &Data, public_url: &PublicUrl) -> Result<Vec<Invited>, DataError> {
    let now = ambient::now();
    let name = Name::read("Ms Lund").map_err(store::Error::from)?;
    let email = EmailAddress::read("lund@homeroom.example").map_err(store::Error::from)?;
    let by = (Actor::Program, now);
    let who = (&name, &email, Rank::Member);
    let url = member_link(&data.store, who, public_url, by).await?;
    let staff = data.store.staff().await?;
    let draft = RoomDraft {
        name: Label::read("Counselling").map_err(store::Error::from)?,
        door: Door::Open,
        members: staff.iter().map(|it| it.id).collect(),
        terms: school::rooms::Terms::default(),
    };
    let room = data.store.add_room(&draft, Actor::Program, now).await?;
    let room = data.store.room(room).await?;
    let member = Invited {
        name: name.reveal().to_owned(),
        role: "member",
        url,
    };
    let path = data.keyring.path(&room.link);
    let link = path.map(|path| Invited {
        name: room.name.as_str().to_owned(),
        role: "room",
        url: Private::new(format!("{public_url}{}", path.expose())),
    });
    Ok([Some(member), link].into_iter().flatten().collect())
}

/// A member of the staff who takes callers in a waiting area, its link, and two who wait there.
async fn waiting_area(data: &Data, public_url: &PublicUrl) -> Result<Vec<Invited>, DataError> {
    let now = ambient::now();
    let name = Name::read("Mr Okafor").map_err(store::Error::from)?;
    let email = EmailAddress::read("okafor@homeroom.example").map_err(store::Error::from)?;
    let by = (Actor::Program, now);
    let who = (&name, &email, Rank::Member);
    let url = member_link(&data.store, who, public_url, by).await?;
    let mut all = vec![Invited {
        name: name.reveal().to_owned(),
        role: "provider",
        url,
    }];
    let staff = data.store.staff().await?;
    let draft = AreaDraft {
        name: Label::read("Front desk").map_err(store::Error::from)?,
        purpose: Note::read("Ask us about places, buses and lunches.")
            .map_err(store::Error::from)?,
        hours: None,
        providers: staff.iter().map(|it| it.id).collect(),
    };
    let id = data.store.add_area(&draft, Actor::Program, now).await?;
    let area = data.store.area(id).await?;
    let shown = |record: &Record, name: &str, role| {
        let path = data.keyring.path(record)?;
        Some(Invited {
            name: name.to_owned(),
            role,
            url: Private::new(format!("{public_url}{}", path.expose())),
        })
    };
    all.extend(shown(&area.link, area.name.as_str(), "area"));
    let callers = [
        ("Mrs Khan", "A place in Year 7"),
        ("Mr Lee", "The bus from Hill Road"),
    ];
    for (who, reason) in callers {
        let name = Name::read(who).map_err(store::Error::from)?;
        let reason = Note::read(reason).map_err(store::Error::from)?;
        // Their presses are nobody's.
        let attempt = format!("{:032x}", ambient::random::<u128>());
        let called = (&name, &reason);
        let came = data.store.come_to_area(id, called, &attempt, now).await?;
        all.extend(shown(&came.0, who, "caller"));
    }
    Ok(all)
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
