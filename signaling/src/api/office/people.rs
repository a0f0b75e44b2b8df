//! Teachers and classes.

use axum::Json;
use axum::http::StatusCode;
use school::{ClassId, EmailAddress, EveningId, JointTeachers, Label, Name, Refusal, TeacherId};
use store::{NewClass, NewTeacher};
use wire::http::people::{Class, ClassDraft, Classes, PlaceDraft, Teacher, TeacherDraft, Teachers};
use wire::http::teacher::TeacherView;

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::Office;
use super::evenings::address;
use super::version;

/// `GET /api/v1/teachers`.
pub(crate) async fn teachers(office: Office) -> Result<Json<Teachers>, Refused> {
    all_teachers(&office).await
}

/// `POST /api/v1/teachers`.
pub(crate) async fn add_teacher(
    office: Office,
    Body(asked): Body<TeacherDraft>,
) -> Result<Json<Teacher>, Refused> {
    let new = read_teacher(&asked)?;
    let id = office
        .store
        .add_teacher(&new, office.actor(), office.now)
        .await?;
    teacher(&office, id).await
}

/// `PUT /api/v1/teachers/{teacher}`: another address gets another link (LINK-3).
pub(crate) async fn change_teacher(
    office: Office,
    Path(id): Path<TeacherId>,
    Body(asked): Body<TeacherDraft>,
) -> Result<Json<Teacher>, Refused> {
    let _turn = version::turn(&office).await?;
    if let Some(began_with) = &asked.version {
        let Json(before) = teacher(&office, id).await?;
        version::check(Some(began_with), &before.version)?;
    }
    let new = read_teacher(&asked)?;
    office
        .doing()
        .perform(|it| async move { it.store.change_teacher(id, &new, it.by, it.now).await })
        .await?;
    teacher(&office, id).await
}

/// `PUT /api/v1/teachers/{teacher}/place`: their place in walking order.
pub(crate) async fn place_teacher(
    office: Office,
    Path(id): Path<TeacherId>,
    Body(PlaceDraft { place }): Body<PlaceDraft>,
) -> Result<Json<Teachers>, Refused> {
    office
        .store
        .place_teacher(id, place, office.actor(), office.now)
        .await?;
    all_teachers(&office).await
}

/// `DELETE /api/v1/teachers/{teacher}`.
pub(crate) async fn remove_teacher(
    office: Office,
    Path(id): Path<TeacherId>,
) -> Result<StatusCode, Refused> {
    office
        .store
        .remove_teacher(id, office.actor(), office.now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/evenings/{evening}/teachers/{teacher}`: what the teacher sees.
pub(crate) async fn teacher_evening(
    office: Office,
    Path((evening, id)): Path<(EveningId, TeacherId)>,
) -> Result<Json<TeacherView>, Refused> {
    let evening = office.store.evening(evening).await?;
    let all = office.store.teachers().await?;
    let one = all.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
    let who = (id, &one.about.name);
    let (store, now) = (&office.store, office.now);
    super::super::teacher::list(&office.house, store, who, &evening, (None, now))
        .await
        .map(Json)
}

fn read_teacher(asked: &TeacherDraft) -> Result<NewTeacher, Refused> {
    Ok(NewTeacher {
        name: Name::read(&asked.name)?,
        email: read_address(&asked.email)?,
        place: None,
    })
}

/// An address; none where it is empty.
pub(super) fn read_address(text: &str) -> Result<Option<EmailAddress>, Refused> {
    match EmailAddress::read(text) {
        Ok(address) => Ok(Some(address)),
        Err(Refusal::EmailMissing) => Ok(None),
        Err(refusal) => Err(Refused::Rule(refusal)),
    }
}

pub(super) async fn all_teachers(office: &Office) -> Result<Json<Teachers>, Refused> {
    let all = office.store.teachers().await?;
    let left = office.store.teachers_who_left().await?;
    Ok(Json(Teachers {
        teachers: all.iter().map(teacher_view).collect(),
        left: left.iter().map(teacher_view).collect(),
    }))
}

async fn teacher(office: &Office, id: TeacherId) -> Result<Json<Teacher>, Refused> {
    let all = office.store.teachers().await?;
    let one = all.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
    Ok(Json(teacher_view(one)))
}

fn teacher_view(one: &store::Teacher) -> Teacher {
    let mut teacher = Teacher {
        id: one.id.to_string(),
        name: one.about.name.reveal().to_owned(),
        email: address(one.about.email.as_ref()),
        version: String::new(),
    };
    teacher.version = version::of(&teacher);
    teacher
}

/// `GET /api/v1/classes`.
pub(crate) async fn classes(office: Office) -> Result<Json<Classes>, Refused> {
    let all = office.store.classes().await?;
    Ok(Json(Classes {
        classes: all.iter().map(class_view).collect(),
    }))
}

/// `POST /api/v1/classes`.
pub(crate) async fn add_class(
    office: Office,
    Body(asked): Body<ClassDraft>,
) -> Result<Json<Class>, Refused> {
    let new = read_class(&asked)?;
    let id = office
        .store
        .add_class(&new, office.actor(), office.now)
        .await?;
    class(&office, id).await
}

/// `PUT /api/v1/classes/{class}`.
pub(crate) async fn change_class(
    office: Office,
    Path(id): Path<ClassId>,
    Body(asked): Body<ClassDraft>,
) -> Result<Json<Class>, Refused> {
    let _turn = version::turn(&office).await?;
    if let Some(began_with) = &asked.version {
        let Json(before) = class(&office, id).await?;
        version::check(Some(began_with), &before.version)?;
    }
    let new = read_class(&asked)?;
    office
        .doing()
        .perform(|it| async move { it.store.change_class(id, &new, it.by, it.now).await })
        .await?;
    class(&office, id).await
}

/// `DELETE /api/v1/classes/{class}`.
pub(crate) async fn remove_class(
    office: Office,
    Path(id): Path<ClassId>,
) -> Result<StatusCode, Refused> {
    office
        .store
        .remove_class(id, office.actor(), office.now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read_class(asked: &ClassDraft) -> Result<NewClass, Refused> {
    let ids = |ids: &[String]| {
        ids.iter()
            .map(|id| ask::id(id))
            .collect::<Result<Vec<_>, _>>()
    };
    let teachers = asked
        .teachers
        .iter()
        .map(|id| ask::id(id))
        .collect::<Result<Vec<TeacherId>, _>>()?;
    Ok(NewClass {
        name: Label::read(&asked.name)?,
        subject: Label::read(&asked.subject)
            .map_err(|it| Refused::Fields(vec![("subject", it)]))?,
        teachers: JointTeachers::new(teachers)?,
        students: asked.students.as_deref().map(ids).transpose()?,
    })
}

async fn class(office: &Office, id: ClassId) -> Result<Json<Class>, Refused> {
    let all = office.store.classes().await?;
    let one = all.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
    Ok(Json(class_view(one)))
}

fn class_view(one: &store::Class) -> Class {
    let mut class = Class {
        id: one.id.to_string(),
        name: one.name.as_str().to_owned(),
        subject: one.subject.as_str().to_owned(),
        teachers: one
            .teachers
            .as_slice()
            .iter()
            .map(ToString::to_string)
            .collect(),
        students: one.students.iter().map(ToString::to_string).collect(),
        version: String::new(),
    };
    class.version = version::of(&class);
    class
}
