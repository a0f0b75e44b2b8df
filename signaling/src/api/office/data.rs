//! What the records hold of one person, as a file for them to have (DIR-10).

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use school::{ContactId, InvitationId, StaffId, StudentId, TeacherId, VisitorId};
use store::DataSubject;

use super::super::extract::Path;
use super::super::refused::Refused;
use super::Office;

/// `GET /api/v1/contacts/{contact}/data`.
pub(crate) async fn contact(
    office: Office,
    Path(id): Path<ContactId>,
) -> Result<Response, Refused> {
    file(&office, DataSubject::Contact(id)).await
}

/// `GET /api/v1/students/{student}/data`.
pub(crate) async fn student(
    office: Office,
    Path(id): Path<StudentId>,
) -> Result<Response, Refused> {
    file(&office, DataSubject::Student(id)).await
}

/// `GET /api/v1/teachers/{teacher}/data`.
pub(crate) async fn teacher(
    office: Office,
    Path(id): Path<TeacherId>,
) -> Result<Response, Refused> {
    file(&office, DataSubject::Teacher(id)).await
}

/// `GET /api/v1/members/{member}/data`: also of who has left.
pub(crate) async fn member(office: Office, Path(id): Path<StaffId>) -> Result<Response, Refused> {
    file(&office, DataSubject::Staff(id)).await
}

/// `GET /api/v1/invitations/{invitation}/data`: of its guest.
pub(crate) async fn guest(
    office: Office,
    Path(id): Path<InvitationId>,
) -> Result<Response, Refused> {
    file(&office, DataSubject::Guest(id)).await
}

/// `GET /api/v1/visits/{visit}/data`: of a guest of a meeting, or of a caller.
pub(crate) async fn visitor(
    office: Office,
    Path(id): Path<VisitorId>,
) -> Result<Response, Refused> {
    file(&office, DataSubject::Visitor(id)).await
}

async fn file(office: &Office, subject: DataSubject) -> Result<Response, Refused> {
    let (actor, now) = (office.actor(), office.now);
    let text = office.store.personal_data(subject, actor, now).await?;
    let name = subject.to_string().replace(':', "-");
    let name = format!("attachment; filename=\"{name}.json\"");
    let name = HeaderValue::from_str(&name).map_err(|_never| Refused::Unavailable)?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(response)
}
