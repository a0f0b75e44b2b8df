//! A teacher cannot come to an evening, or comes after all (EVE-13).

use std::collections::BTreeMap;

use super::{Change, Entry, Following};
use crate::holder::Holder;
use crate::ids::{ClassId, EveningId, TeacherId};
use crate::people::JointTeachers;

impl Following<'_> {
    pub(super) fn replace(
        &mut self,
        evening: EveningId,
        ill: TeacherId,
        instead: Option<TeacherId>,
    ) {
        self.change(Change::Substitute {
            evening,
            teacher: ill,
            instead,
        });
        let entry = Entry::Replaced(evening, ill, instead);
        self.done.log.push(entry);
        let theirs =
            self.to_come(|it| it.evening == evening && it.teachers.as_slice().contains(&ill));
        for (id, one) in theirs {
            // Also of colleagues who cannot come, and of whom the office was asked in vain until now.
            match self
                .facts
                .meant_without(evening, &one.teachers, (ill, instead))
            {
                Some(teachers) => self.give_to(id, &one, &teachers),
                None => self.cancel(id),
            }
        }
        // Theirs opens nothing that is left to them, and may lie with a phone at home.
        let holder = Holder::Teacher(ill);
        if self.facts.links.contains(&(evening, holder)) {
            self.change(Change::DropMail(evening, holder));
            self.change(Change::KillLink(evening, holder));
        }
    }

    /// What is theirs goes back to them where all who take it are free, also what waited for the office because
    /// they were away. What was cancelled for the families stays so.
    pub(super) fn bring_back(
        &mut self,
        evening: EveningId,
        back: TeacherId,
        classes: &BTreeMap<ClassId, JointTeachers>,
    ) {
        let Some(instead) = self.facts.away.get(&(evening, back)).copied() else {
            return;
        };
        self.change(Change::Back {
            evening,
            teacher: back,
        });
        self.done.log.push(Entry::Back(evening, back));
        self.ensure_link_of(evening, back);
        let is_of = |it: &TeacherId| *it == back || Some(*it) == instead;
        for (id, one) in self.to_come(|it| it.evening == evening) {
            let Some(teachers) = classes.get(&one.class) else {
                continue;
            };
            if !one.teachers.as_slice().iter().any(is_of) {
                continue;
            }
            match self.facts.meant_with(evening, teachers, back) {
                Some(meant) => self.give_to(id, &one, &meant),
                None => self.ask_office(id),
            }
        }
    }
}
