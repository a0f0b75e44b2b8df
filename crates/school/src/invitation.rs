//! Invitations of the one other adult: one for each student, evening and inviting parent (INV-4).

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{InvitationId, StudentId};
use crate::refusal::Refusal;

/// How an invitation stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It waits for the office (DIR-4): no link exists yet.
    Held,
    /// It is out; what became of its e-mail and whether the guest came stands beside it.
    Sent,
    /// It was removed, or a court order ended it: its link is dead for ever.
    Removed,
}

/// The students of one parent in one evening, and the invitation that covers each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Coverage {
    students: BTreeMap<StudentId, Option<InvitationId>>,
}

impl Coverage {
    /// Coverage of these students.
    #[must_use]
    pub fn new(students: impl IntoIterator<Item = (StudentId, Option<InvitationId>)>) -> Self {
        Self {
            students: students.into_iter().collect(),
        }
    }

    /// The students, and what covers each.
    #[must_use]
    pub const fn students(&self) -> &BTreeMap<StudentId, Option<InvitationId>> {
        &self.students
    }

    /// The students for whom an invitation is left.
    #[must_use]
    pub fn left(&self) -> BTreeSet<StudentId> {
        self.students
            .iter()
            .filter(|(_, invitation)| invitation.is_none())
            .map(|(student, _)| *student)
            .collect()
    }

    /// Whom an invitation is to cover: those ticked, or the only student there is.
    ///
    /// # Errors
    ///
    /// [`Refusal::AlreadyInvited`] where none is left, or one ticked is covered already;
    /// [`Refusal::StudentsMissing`] where none is ticked of several; [`Refusal::NotFound`] where
    /// one is not this parent's.
    pub fn check(&self, ticked: &BTreeSet<StudentId>) -> Result<BTreeSet<StudentId>, Refusal> {
        if ticked.iter().any(|it| !self.students.contains_key(it)) {
            return Err(Refusal::NotFound);
        }
        let left = self.left();
        if left.is_empty() {
            return Err(if self.students.is_empty() {
                Refusal::NotFound
            } else {
                Refusal::AlreadyInvited
            });
        }
        let asked = if ticked.is_empty() && self.students.len() == 1 {
            &left
        } else {
            ticked
        };
        if asked.is_empty() {
            return Err(Refusal::StudentsMissing);
        }
        if !asked.is_subset(&left) {
            return Err(Refusal::AlreadyInvited);
        }
        Ok(asked.clone())
    }

    /// Lets `invitation` cover those ticked.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check`]; nothing has changed then.
    pub fn invite(
        &mut self,
        invitation: InvitationId,
        ticked: &BTreeSet<StudentId>,
    ) -> Result<(), Refusal> {
        for student in self.check(ticked)? {
            self.students.insert(student, Some(invitation));
        }
        Ok(())
    }

    /// `invitation` was removed: its students may be covered by another.
    pub fn remove(&mut self, invitation: InvitationId) {
        for covered in self.students.values_mut() {
            if *covered == Some(invitation) {
                *covered = None;
            }
        }
    }
}
