//! Teachers who take an appointment together.

use crate::ids::TeacherId;
use crate::refusal::Refusal;

/// The most teachers on a joint appointment (EVE-1).
pub const MOST_TEACHERS: usize = 3;

/// 1 to 3 different teachers, in the order they were given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JointTeachers(Vec<TeacherId>);

impl JointTeachers {
    /// Checks who is to take an appointment.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoTeacher`], [`Refusal::TeacherTwice`], and [`Refusal::TooManyTeachers`] for a
    /// fourth.
    pub fn new(teachers: Vec<TeacherId>) -> Result<Self, Refusal> {
        if teachers.is_empty() {
            return Err(Refusal::NoTeacher);
        }
        if teachers.len() > MOST_TEACHERS {
            return Err(Refusal::TooManyTeachers);
        }
        let is_twice =
            |(n, one): (usize, &TeacherId)| teachers.iter().skip(n + 1).any(|it| it == one);
        if teachers.iter().enumerate().any(is_twice) {
            return Err(Refusal::TeacherTwice);
        }
        Ok(Self(teachers))
    }

    /// Them, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[TeacherId] {
        &self.0
    }

    /// Them with somebody in the place of `gone`, who may be one of them already; nobody where
    /// that leaves nobody.
    #[must_use]
    pub fn with(&self, gone: TeacherId, instead: Option<TeacherId>) -> Option<Self> {
        let is_there = instead.is_some_and(|it| self.0.contains(&it));
        let instead = instead.filter(|_| !is_there);
        let teachers = self
            .0
            .iter()
            .filter_map(|it| if *it == gone { instead } else { Some(*it) });
        Self::new(teachers.collect()).ok()
    }

    /// Whether any of them is also among `others`.
    #[must_use]
    pub fn shares_one_with(&self, others: &Self) -> bool {
        self.0.iter().any(|it| others.0.contains(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joint(teachers: &[u64]) -> Result<JointTeachers, Refusal> {
        JointTeachers::new(teachers.iter().copied().map(TeacherId).collect())
    }

    #[test]
    fn one_to_three_and_each_once() {
        assert_eq!(joint(&[]), Err(Refusal::NoTeacher));
        assert!(joint(&[1]).is_ok());
        assert!(joint(&[3, 1, 2]).is_ok());
        assert_eq!(joint(&[1, 2, 1]), Err(Refusal::TeacherTwice));
        assert_eq!(joint(&[1, 2, 3, 4]), Err(Refusal::TooManyTeachers));
    }
}
