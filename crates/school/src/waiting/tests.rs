//! Waiting areas against a reference model: lists of who stands where.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const AREAS: u64 = 3;
const CALLERS: u64 = 4;
const STAFF: u64 = 2;

/// The reference: each area's callers in a list, those in meetings, and those who are gone.
#[derive(Debug, Default)]
struct Model {
    lines: BTreeMap<AreaId, Vec<VisitorId>>,
    taken: BTreeMap<VisitorId, (AreaId, StaffId, MeetingId)>,
    ended: Vec<VisitorId>,
    left: Vec<VisitorId>,
}

impl Model {
    fn area_of(&self, who: VisitorId) -> Option<AreaId> {
        let mut lines = self.lines.iter();
        let line = lines.find(|(_, line)| line.contains(&who));
        let taken = self.taken.get(&who).map(|it| it.0);
        line.map(|(area, _)| *area).or(taken)
    }

    fn line_of(&mut self, who: VisitorId) -> Option<&mut Vec<VisitorId>> {
        self.lines.values_mut().find(|line| line.contains(&who))
    }

    /// Does it, or tells why not.
    fn step(&mut self, who: VisitorId, step: Step) -> Result<(), Refusal> {
        let is_taken = self.taken.contains_key(&who);
        let is_waiting = self.line_of(who).is_some();
        match step {
            Step::Back if is_waiting => return Ok(()),
            Step::End if self.ended.contains(&who) => return Ok(()),
            Step::Leave if self.left.contains(&who) => return Ok(()),
            Step::Take { by, .. } if self.taken.get(&who).is_some_and(|it| it.1 == by) => {
                return Ok(());
            }
            Step::Take { .. } | Step::Pass { .. } if is_taken => {
                return Err(Refusal::CallerTaken);
            }
            Step::Take { .. } | Step::Pass { .. } | Step::Back | Step::End | Step::Leave
                if !is_taken && !is_waiting =>
            {
                return Err(Refusal::CallerGone);
            }
            Step::Take { .. } | Step::Pass { .. } | Step::Back | Step::End | Step::Leave => {}
        }
        let area = self.area_of(who).expect("they are somewhere");
        if let Some(line) = self.line_of(who) {
            line.retain(|it| *it != who);
        }
        self.taken.remove(&who);
        match step {
            Step::Take { by, meeting } => drop(self.taken.insert(who, (area, by, meeting))),
            Step::Pass { .. } | Step::Back => {
                let to = if let Step::Pass { to } = step {
                    to
                } else {
                    area
                };
                let line = self.lines.entry(to).or_default();
                line.push(who);
                line.sort();
            }
            Step::End => self.ended.push(who),
            Step::Leave => self.left.push(who),
        }
        Ok(())
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..STAFF, 0..9_u64).prop_map(|(by, meeting)| Step::Take {
            by: StaffId(by),
            meeting: MeetingId(meeting),
        }),
        (0..AREAS).prop_map(|to| Step::Pass { to: AreaId(to) }),
        Just(Step::Back),
        Just(Step::End),
        Just(Step::Leave),
    ]
}

/// They came one after the other.
fn turn(who: VisitorId) -> Turn {
    let seconds = i64::try_from(who.0).expect("few");
    (Timestamp::from_second(seconds).expect("a moment"), who)
}

proptest! {
    #[test]
    fn visits_go_as_lists_of_people_do(
        steps in prop::collection::vec((0..CALLERS, step()), 0..40)
    ) {
        let mut model = Model::default();
        let mut visits = BTreeMap::new();
        for who in (0..CALLERS).map(VisitorId) {
            let area = AreaId(who.0 % AREAS);
            visits.insert(who, Visit::new(area));
            model.lines.entry(area).or_default().push(who);
        }
        for (who, step) in steps {
            let who = VisitorId(who);
            let expected = model.step(who, step);
            let visit = visits.get_mut(&who).expect("they came");
            match visit.step(step) {
                Ok(next) => {
                    prop_assert_eq!(expected, Ok(()));
                    *visit = next;
                }
                Err(refusal) => prop_assert_eq!(expected, Err(refusal)),
            }
            for (who, visit) in &visits {
                match visit.stage {
                    Stage::Waiting => {
                        let line = model.lines.get(&visit.area).expect("a line");
                        let at = line.iter().position(|it| it == who).expect("they wait");
                        let waiting = visits.iter().filter(|(_, it)| {
                            it.waits() && it.area == visit.area
                        });
                        let turns = waiting.map(|(who, _)| turn(*who));
                        prop_assert_eq!(place(turn(*who), turns), at + 1);
                    }
                    Stage::Taken { by, meeting } => {
                        prop_assert_eq!(model.taken.get(who), Some(&(visit.area, by, meeting)));
                    }
                    Stage::Ended => prop_assert!(model.ended.contains(who)),
                    Stage::Left => prop_assert!(model.left.contains(who)),
                }
            }
        }
    }
}

/// Two providers who take one caller in the same instant.
#[test]
fn one_of_two_gets_the_caller() {
    let take = |by| Step::Take {
        by: StaffId(by),
        meeting: MeetingId(by),
    };
    let taken = Visit::new(AreaId(1)).step(take(1)).expect("the first");
    assert_eq!(taken.step(take(2)), Err(Refusal::CallerTaken));
    assert_eq!(taken.step(take(1)), Ok(taken));
}
