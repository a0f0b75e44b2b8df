//! What a row says of a contact: their name and id, their numbers, their address.

use super::contacts::{Contact, Words, key};
use super::draft::Draft;
use super::students::hear_name;
use super::{ContactStep, Step, Which};
use crate::ids::ContactId;
use crate::import::Guardian;
use crate::said::{Standing, Word as _};
use crate::telephone;
use crate::text::{EmailAddress, Mobile, Name, id_key};

impl Draft<'_> {
    /// Notes a contact's id in the system that the rows come from, and the name of whom that id tells.
    pub(super) fn know_better(
        &mut self,
        which: Which<ContactId>,
        guardian: &Guardian,
        is_by_id: bool,
    ) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let records_name = contact.records_name.as_ref();
        let (name, records_name) = if is_by_id {
            hear_name(&contact.name, records_name, &guardian.name)
        } else {
            (contact.name.clone(), records_name.cloned())
        };
        let is_news = records_name != contact.records_name;
        let source = contact.source.clone().or_else(|| guardian.source.clone());
        if name == contact.name && source == contact.source && !is_news {
            return;
        }
        if name != contact.name {
            let (before, now) = (contact.name.reveal(), name.reveal());
            self.does.push(format!("Renames {before} to {now}"));
        } else if is_news {
            self.does.push(says_now(&name, records_name.as_ref()));
        }
        if source != contact.source {
            let id = source.as_deref().unwrap_or_default();
            let now = name.reveal();
            self.does.push(format!("Notes the id {id} of {now}"));
            self.contacts_by_source.insert(id_key(id), which);
        }
        contact.name = name.clone();
        contact.records_name.clone_from(&records_name);
        contact.source.clone_from(&source);
        self.better_known.push(ContactStep {
            contact: which,
            name,
            source,
            records_name,
        });
    }

    /// What a row says of a contact's numbers; what another record of theirs says is nothing. What they
    /// say themselves stays, and the office is asked where it is another, once for each number of the
    /// source's (DIR-12).
    pub(super) fn hear_numbers(&mut self, which: Which<ContactId>, guardian: &Guardian) {
        if self.words_of(which, guardian) == Words::Known {
            return;
        }
        let mobile = self.hear_mobile(which, &guardian.mobile);
        let telephone = self.hear_telephone(which, &guardian.number());
        let Some(Contact { telephones, .. }) = self.contacts.get(&which) else {
            return;
        };
        let own = &telephones.own;
        let asks = match telephones.standing() {
            Standing::Asked => {
                format!(". They give {own} themselves: both are kept until you decide")
            }
            Standing::Agreed | Standing::Accepted => String::new(),
        };
        // A mobile that is their telephone as well is told once.
        let is_told = mobile.is_some() && telephones.beside_mobile().is_empty();
        let telephone = telephone.filter(|_| !is_told);
        let mut changes: Vec<String> = mobile.into_iter().chain(telephone).collect();
        if let Some(last) = changes.last_mut() {
            last.push_str(&asks);
        }
        self.does.append(&mut changes);
    }

    /// A contact has a mobile number, or another: what that changes. One of another kind or country is
    /// nothing.
    fn hear_mobile(&mut self, which: Which<ContactId>, given: &str) -> Option<String> {
        let mobile = Mobile::read(given, &self.countries).ok()?;
        let contact = self.contacts.get_mut(&which)?;
        let telephones = &mut contact.telephones;
        if !self.called.insert(which) {
            return None;
        }
        if telephones.mobile.as_ref() == Some(&mobile) {
            let decided = kept(which).filter(|id| self.decided.mobiles.contains_key(id));
            self.agreed.extend(decided);
            return None;
        }
        if kept(which).and_then(|id| self.decided.mobiles.get(&id)) == Some(&mobile) {
            let own = telephones.mobile.as_ref().map(Mobile::reveal);
            let says = stays(&contact.name, ("mobile number", "a"), own);
            self.remarks.push(says);
            return None;
        }
        let (name, number) = (contact.name.reveal(), mobile.reveal());
        let change = format!("Notes the mobile number of {name}: {number}");
        let change = said_by_both(change, &telephones.own, number);
        telephones.mobile = Some(mobile.clone());
        self.steps.push(Step::Call {
            contact: which,
            mobile,
        });
        Some(change)
    }

    /// The source has a contact's telephone number: what that changes.
    fn hear_telephone(&mut self, which: Which<ContactId>, number: &str) -> Option<String> {
        if number.is_empty() || !self.telephoned.insert(which) {
            return None;
        }
        let contact = self.contacts.get_mut(&which)?;
        let telephones = &mut contact.telephones;
        if telephone::is_same(&telephones.school, number) {
            return None;
        }
        let (name, before) = (contact.name.reveal(), &telephones.school);
        let change = if before.is_empty() {
            format!("Notes the telephone number of {name}: {number}")
        } else {
            format!("Changes the telephone number of {name} from {before} to {number}")
        };
        number.clone_into(&mut telephones.school);
        self.steps.push(Step::Telephone {
            contact: which,
            telephone: number.to_owned(),
        });
        Some(said_by_both(change, &telephones.own, number))
    }

    /// A contact who is kept has another address now.
    pub(super) fn readdress(&mut self, which: Which<ContactId>, email: &EmailAddress) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let before = contact.email.as_ref();
        if let (Which::Kept(id), true) = (which, contact.address.is_some()) {
            self.note_beside((which, id), email);
            return;
        }
        if before.is_some_and(|it| it.key() == email.key()) {
            return;
        }
        let taken_out = kept(which).and_then(|id| self.decided.unaddressed.get(&id));
        if before.is_none() && taken_out.is_some_and(|it| it.is_same(email)) {
            let says = stays(&contact.name, ("address", "an"), None);
            self.remarks.push(says);
            return;
        }
        self.does.push(match before {
            Some(before) => format!(
                "Changes the address of {} from {} to {}",
                contact.name.reveal(),
                before.reveal(),
                email.reveal()
            ),
            None => format!(
                "Notes the address of {}: {}",
                contact.name.reveal(),
                email.reveal()
            ),
        });
        contact.email = Some(email.clone());
        let name = contact.name.clone();
        self.by_address.insert(key(&name, Some(email)), which);
        match which {
            Which::Kept(id) => self.steps.push(Step::ChangeContact {
                id,
                email: email.clone(),
            }),
            // An earlier row brought them without an address.
            Which::New(nth) => {
                let place = self.new_contacts.get(nth);
                if let Some(Step::AddContact { email: of_step, .. }) =
                    place.and_then(|it| self.steps.get_mut(*it))
                {
                    *of_step = Some(email.clone());
                }
            }
        }
    }

    /// The source has that address of a contact whose own word theirs is: it stands beside theirs, and the
    /// office is asked where the two differ, once for each address of the source's (DIR-12).
    fn note_beside(&mut self, (which, id): (Which<ContactId>, ContactId), email: &EmailAddress) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let Some(both) = &mut contact.address else {
            return;
        };
        let is_by_hand = self.decided.addressed.contains(&id);
        if both.school.as_ref().is_some_and(|it| it.is_same(email)) {
            if is_by_hand && both.standing() == Standing::Accepted {
                let own = Some(both.own.reveal());
                let says = stays(&contact.name, ("address", "an"), own);
                self.remarks.push(says);
            }
            return;
        }
        both.school = Some(email.clone());
        let (name, own) = (contact.name.reveal(), both.own.reveal());
        let behind = match both.standing() {
            Standing::Agreed if is_by_hand => ", which is the one here".to_owned(),
            Standing::Asked if is_by_hand => format!(". {own} stays until you decide"),
            Standing::Agreed => ", which is what they say themselves".to_owned(),
            Standing::Accepted => format!(". They go on with {own}, as you have decided"),
            Standing::Asked => {
                format!(". They use {own} themselves, and go on with it until you decide")
            }
        };
        let school = email.reveal();
        let change = format!("Notes another address of {name}: {school}{behind}");
        self.does.push(change);
        self.by_address
            .entry(key(&contact.name, Some(email)))
            .or_insert(which);
        self.steps.push(Step::OtherAddress {
            id,
            email: email.clone(),
        });
    }
}

/// Beside a name that the office had accepted from a parent, the source spells its own otherwise now, or has
/// come to say that one.
pub(super) fn says_now(name: &Name, records_name: Option<&Name>) -> String {
    let name = name.reveal();
    match records_name {
        Some(own) => format!(
            "Spells {name} {} now. {name} stays, as you have decided",
            own.reveal()
        ),
        None => format!("Says {name} as well now, as you have decided"),
    }
}

/// What stays as the office has decided: somebody's own, or none.
fn stays(name: &Name, (what, article): (&str, &str), own: Option<&str>) -> String {
    let name = name.reveal();
    match own {
        Some(own) => format!("{name} keeps the {what} {own}, as you have decided"),
        None => format!("{name} stays without {article} {what}, as you have decided"),
    }
}

/// Who that is, where they are kept.
const fn kept(which: Which<ContactId>) -> Option<ContactId> {
    match which {
        Which::Kept(id) => Some(id),
        Which::New(_) => None,
    }
}

/// What is changed, and where a contact says that number themselves, that they do.
fn said_by_both(change: String, own: &str, number: &str) -> String {
    if telephone::is_same(own, number) {
        format!("{change}, which is what they say themselves")
    } else {
        change
    }
}
