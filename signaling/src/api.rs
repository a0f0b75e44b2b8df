//! The HTTP API under `/api/v1`: each handler reads, asks the records and the rules, and answers.
//!
//! `crates/wire/HTTP.md` describes it. What is said to somebody without the right to it, and to
//! somebody who asks for what is not there, is the same.

mod account;
mod ask;
mod booking;
mod by_link;
mod callers;
mod extract;
mod guests;
mod hats;
mod here;
mod invitations;
mod links;
mod lost_link;
mod lost_password;
mod moments;
mod new_address;
mod office;
mod openapi;
mod openid;
mod parent;
mod passkeys;
mod refused;
mod register;
mod routes;
mod second_factor;
mod secrets;
mod show;
mod staff;
mod stop;
mod teacher;
mod visitors;

use wire::http::school::Contact;

use crate::house::House;

pub(crate) use links::accept_rules;
pub(crate) use office::import::import_report;
pub(crate) use refused::{Refused, millis};
pub(crate) use routes::routes;

/// The description of the API (`OpenAPI` 3.1), as JSON.
#[must_use]
pub fn description() -> String {
    format!("{:#}\n", *openapi::DOCUMENT)
}

/// Whom people ask for help, where the records can say so.
pub(crate) async fn contact(house: &House) -> Option<Contact> {
    let school = house.store.school().await.ok()?;
    show::contact(&school)
}
