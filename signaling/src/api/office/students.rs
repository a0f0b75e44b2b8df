//! Students.

use axum::Json;
use school::{EmailAddress, Name, StudentId, year};
use store::{Among, NewStudent, OthersFound};
use wire::http::people::{
    ClassList, FoundKind, FoundPerson, Homeroom, RefusedName, Student, StudentContact,
    StudentDraft, StudentInvite, StudentLists, StudentSearch, Students, YearList,
};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::evenings::address;
use super::version;

/// How many students are on a page.
const PAGE: u16 = 100;

/// `POST /api/v1/students/search`: a name that is looked for stands in no address.
pub(crate) async fn search(
    office: Office,
    Body(wanted): Body<StudentSearch>,
) -> Result<Json<Students>, Refused> {
    let after = match wanted.after.as_deref() {
        None | Some("") => None,
        Some(id) => Some(ask::id::<StudentId>(id)?),
    };
    let class = wanted.class.as_deref().filter(|it| !it.is_empty());
    let homeroom = wanted.homeroom.filter(|it| !it.is_empty());
    let year = wanted.year.filter(|it| !it.is_empty());
    let among = match (class, homeroom, year) {
        (Some(id), _, _) => Among::Class(ask::id(id)?),
        (None, Some(homeroom), _) => Among::Homeroom(homeroom),
        (None, None, Some(year)) => Among::Year(year),
        (None, None, None) => Among::All,
    };
    let page = office
        .store
        .students_among(&among, &wanted.search, after, PAGE)
        .await?;
    let others = office.store.others_found(&wanted.search).await?;
    let last = page.students.last().map(|one| one.id.to_string());
    Ok(Json(Students {
        next: last.filter(|_| page.has_more),
        total: u32::try_from(page.total).unwrap_or(u32::MAX),
        students: page.students.iter().map(view).collect(),
        others: others_view(&others),
    }))
}

fn others_view(found: &OthersFound) -> Vec<FoundPerson> {
    let teachers = found.teachers.iter();
    let teachers = teachers.map(|(id, name)| (FoundKind::Teacher, id.to_string(), name));
    let contacts = found.contacts.iter();
    let contacts = contacts.map(|(id, name)| (FoundKind::Contact, id.to_string(), name));
    let staff = found.staff.iter();
    let staff = staff.map(|(id, name)| (FoundKind::Staff, id.to_string(), name));
    let all = teachers.chain(staff).chain(contacts);
    all.map(|(kind, id, name)| FoundPerson {
        kind,
        id,
        name: name.reveal().to_owned(),
    })
    .collect()
}

/// `GET /api/v1/student-lists`.
pub(crate) async fn lists(office: Office) -> Result<Json<StudentLists>, Refused> {
    let lists = office.store.student_lists().await?;
    let count = |it: i64| u32::try_from(it).unwrap_or(u32::MAX);
    let homerooms = lists
        .homerooms
        .into_iter()
        .map(|(name, students)| Homeroom {
            name,
            students: count(students),
        });
    let classes = lists
        .classes
        .into_iter()
        .map(|(id, name, students)| ClassList {
            id: id.to_string(),
            name: name.as_str().to_owned(),
            students: count(students),
        });
    let years = lists.years.into_iter().map(|(name, students)| YearList {
        name,
        students: count(students),
    });
    Ok(Json(StudentLists {
        homerooms: homerooms.collect(),
        classes: classes.collect(),
        years: years.collect(),
    }))
}

/// `POST /api/v1/students`.
pub(crate) async fn add(
    office: Office,
    Body(asked): Body<StudentDraft>,
) -> Result<Json<Student>, Refused> {
    let new = read(&asked, None)?;
    let id = office
        .store
        .add_student(&new, office.actor(), office.now)
        .await?;
    found(&office, id).await
}

/// `GET /api/v1/students/{student}`.
pub(crate) async fn one(
    office: Office,
    Path(id): Path<StudentId>,
) -> Result<Json<Student>, Refused> {
    found(&office, id).await
}

/// `PUT /api/v1/students/{student}`.
pub(crate) async fn change(
    office: Office,
    Path(id): Path<StudentId>,
    Body(asked): Body<StudentDraft>,
) -> Result<Json<Student>, Refused> {
    let _turn = version::turn(&office).await?;
    let before = office.store.student(id).await?;
    version::check(asked.version.as_deref(), &view(&before).version)?;
    let new = read(&asked, before.about.source)?;
    office
        .doing()
        .perform(|it| async move { it.store.change_student(id, &new, it.by, it.now).await })
        .await?;
    found(&office, id).await
}

/// `POST /api/v1/students/{student}/invite`: a parent from the student's profile (DIR-6).
pub(crate) async fn invite(
    office: Office,
    Path(id): Path<StudentId>,
    Body(asked): Body<StudentInvite>,
) -> Result<Json<Student>, Refused> {
    let (name, email) = (Name::read(&asked.name)?, EmailAddress::read(&asked.email)?);
    office
        .doing()
        .perform(|it| async move {
            let of = (&name, &email);
            it.store.invite_parent(id, of, it.by, it.now).await
        })
        .await?;
    found(&office, id).await
}

fn read(asked: &StudentDraft, source: Option<String>) -> Result<NewStudent, Refused> {
    let form = school::text::read_line(&asked.homeroom)
        .map_err(|refusal| Refused::Fields(vec![("homeroom", refusal)]))?;
    let year = asked.year.as_deref().map(year::read).transpose();
    let year = year.map_err(|refusal| Refused::Fields(vec![("year", refusal)]))?;
    let classes = asked.classes.iter().map(|id| ask::id(id));
    Ok(NewStudent {
        name: Name::read(&asked.name)?,
        form,
        year: year.map(Option::unwrap_or_default),
        source,
        classes: Some(classes.collect::<Result<_, _>>()?),
    })
}

pub(super) async fn found(office: &Office, id: StudentId) -> Result<Json<Student>, Refused> {
    let mut student = view(&office.store.student(id).await?);
    let refused = office.store.refused_names(id).await?;
    let refused = refused.iter().map(|(said, who)| RefusedName {
        name: show::name(said),
        by: show::name(who),
    });
    student.refused_names = refused.collect();
    Ok(Json(student))
}

fn view(one: &store::Student) -> Student {
    let classes = one.about.classes.iter().flatten();
    let (name, form) = (one.about.name.reveal(), &one.about.form);
    let classes: Vec<_> = classes.map(ToString::to_string).collect();
    let year = one.about.year.as_deref().unwrap_or_default();
    Student {
        id: one.id.to_string(),
        name: name.to_owned(),
        homeroom: form.clone(),
        year: year.to_owned(),
        left: one.gone_at.map(|it| it.to_string()),
        records_name: one.records_name.as_ref().map(show::name),
        refused_names: Vec::new(),
        // Not of the contacts, whom another form changes.
        version: version::of(&(name, form, year, &classes)),
        classes,
        contacts: one
            .contacts
            .iter()
            .map(|contact| StudentContact {
                id: contact.id.to_string(),
                name: contact.name.reveal().to_owned(),
                email: address(contact.email.as_ref()),
                court_order: contact.has_court_order,
                registered: contact.is_registered,
                waits: contact.waits,
            })
            .collect(),
    }
}
