//! One invitation for each student and inviting parent (INV-4), against a set of pairs.

use std::collections::BTreeSet;

use proptest::prelude::*;
use school::invitation::Coverage;
use school::{InvitationId, Refusal, StudentId};

use crate::world::config;

#[derive(Clone, Debug)]
enum Op {
    Invite { ticked: BTreeSet<u64> },
    Remove { invitation: u64 },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        2 => prop::collection::btree_set(0..5_u64, 0..4).prop_map(|ticked| Op::Invite { ticked }),
        1 => (0..8_u64).prop_map(|invitation| Op::Remove { invitation }),
    ];
    prop::collection::vec(op, 0..20)
}

/// What inviting should say, from the pairs of student and invitation.
fn expected(
    students: u64,
    pairs: &BTreeSet<(u64, u64)>,
    ticked: &BTreeSet<u64>,
) -> Result<BTreeSet<u64>, Refusal> {
    let is_covered = |student: &u64| pairs.iter().any(|(one, _)| one == student);
    if ticked.iter().any(|it| *it >= students) || students == 0 {
        return Err(Refusal::NotFound);
    }
    if (0..students).all(|it| is_covered(&it)) || ticked.iter().any(is_covered) {
        return Err(Refusal::AlreadyInvited);
    }
    match (ticked.is_empty(), students) {
        (true, 1) => Ok(BTreeSet::from([0])),
        (true, _) => Err(Refusal::StudentsMissing),
        (false, _) => Ok(ticked.clone()),
    }
}

proptest! {
    #![proptest_config(config("proptest-regressions/invitations.txt"))]

    #[test]
    fn each_student_is_covered_once_and_again_after_a_removal(students in 0..5_u64, ops in ops()) {
        let mut coverage = Coverage::new((0..students).map(|it| (StudentId(it), None)));
        let mut pairs: BTreeSet<(u64, u64)> = BTreeSet::new();
        for (id, op) in (0..).zip(ops) {
            match op {
                Op::Invite { ticked } => {
                    let expected = expected(students, &pairs, &ticked);
                    let asked = ticked.into_iter().map(StudentId).collect();
                    let said = coverage.invite(InvitationId(id), &asked);
                    prop_assert_eq!(said, expected.as_ref().map(drop).map_err(|it| *it));
                    pairs.extend(expected.into_iter().flatten().map(|student| (student, id)));
                }
                Op::Remove { invitation } => {
                    coverage.remove(InvitationId(invitation));
                    pairs.retain(|(_, it)| *it != invitation);
                }
            }
            let covered: BTreeSet<_> = coverage
                .students()
                .iter()
                .filter_map(|(student, it)| Some((student.0, (*it)?.0)))
                .collect();
            prop_assert_eq!(&covered, &pairs);
            let left = coverage.left().len() + pairs.len();
            prop_assert_eq!(u64::try_from(left), Ok(students));
        }
    }
}
