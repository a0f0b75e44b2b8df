//! Teachers and classes out of an import.

use jiff::Timestamp;
use school::import::{ListedClass, ListedTeacher, StaffStep, Which};
use school::{Actor, ClassId, Deed, Holder, JointTeachers, TeacherId};

use super::Brought;
use crate::classes::NewClass;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::Result;
use crate::store::Store;
use crate::value::values;

impl Store {
    pub(super) async fn take_in_staff(
        &self,
        work: &mut Work,
        steps: &[StaffStep],
        brought: &mut Brought,
        (actor, now): (Actor, Timestamp),
    ) -> Result<Aftermath> {
        let mut aftermath = Aftermath::default();
        for step in steps {
            match step {
                StaffStep::AddTeacher(teacher) => {
                    let id = self.insert_teacher(work, &teacher.name, teacher.email.as_ref(), None);
                    let id = id.await?;
                    self.note_source_of_teacher(work, id, teacher).await?;
                    work.run(
                        "UPDATE teachers SET from_source = 1 WHERE school = $1 AND id = $2",
                        values![self.school, id],
                    )
                    .await?;
                    brought.teachers.push(id);
                }
                StaffStep::ChangeTeacher {
                    id,
                    to,
                    is_readdressed,
                } => {
                    self.note_source_of_teacher(work, *id, to).await?;
                    if *is_readdressed {
                        let holder = Holder::Teacher(*id);
                        let changed = Deed::AddressChanged { holder };
                        aftermath.extend(self.perform(work, &changed, actor, now).await?);
                    }
                }
                StaffStep::AddClass { class, teachers } => {
                    let new = new_class(class, teachers, brought)?;
                    let id = self.insert_class(work, &new, now).await?;
                    self.note_source_of_class(work, id, class, true).await?;
                    brought.classes.push(id);
                }
                StaffStep::ChangeClass {
                    id,
                    to,
                    teachers,
                    is_taken_by_others,
                } => {
                    let new = new_class(to, teachers, brought)?;
                    self.note_source_of_class(work, *id, to, false).await?;
                    self.update_class(work, *id, &new).await?;
                    if *is_taken_by_others {
                        self.forget_takers(work, *id).await?;
                        let deed = Deed::TeachersChanged {
                            class: *id,
                            teachers: new.teachers,
                        };
                        aftermath.extend(self.perform(work, &deed, actor, now).await?);
                    }
                }
            }
        }
        Ok(aftermath)
    }

    async fn note_source_of_teacher(
        &self,
        work: &mut Work,
        id: TeacherId,
        to: &ListedTeacher,
    ) -> Result<()> {
        work.run(
            "UPDATE teachers SET name = $3, email = $4, source = COALESCE(source, $5)
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                &to.name,
                to.email.as_ref(),
                to.source.as_deref()
            ],
        )
        .await?;
        Ok(())
    }

    async fn note_source_of_class(
        &self,
        work: &mut Work,
        id: ClassId,
        to: &ListedClass,
        is_new: bool,
    ) -> Result<()> {
        work.run(
            "UPDATE classes SET source = COALESCE(source, $3),
               from_source = CASE WHEN $4 = 1 THEN 1 ELSE from_source END
             WHERE school = $1 AND id = $2",
            values![self.school, id, to.source.as_deref(), i64::from(is_new)],
        )
        .await?;
        Ok(())
    }
}

fn new_class(
    listed: &ListedClass,
    teachers: &[Which<TeacherId>],
    brought: &Brought,
) -> Result<NewClass> {
    let teachers = teachers.iter().map(|it| brought.teacher(*it));
    Ok(NewClass {
        name: listed.name.clone(),
        // A plan says it, whether the source does or not.
        subject: listed
            .subject
            .clone()
            .unwrap_or_else(|| listed.name.clone()),
        teachers: JointTeachers::new(teachers.collect::<Result<_>>()?)?,
        students: None,
    })
}
