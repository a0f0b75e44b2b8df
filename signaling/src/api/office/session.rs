//! Setting up, signing in and out.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use links::Secret;
use school::{EmailAddress, Label, Name, Refusal, StaffId};
use store::{Action, Actor, NewStaff, Store};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use wire::http::school::SchoolView;
use wire::http::session::{SetupCheck, SetupOffer, SetupRequest, SignIn, Staff};

use super::super::ask::{self, Shared};
use super::super::refused::Refused;
use super::super::show;
use crate::house::House;
use crate::private::Private;
use crate::staff_session::{self, Token};

/// How many passwords are hashed at a time: each takes 19 MiB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Checked where there is no such account, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// `GET /api/v1/school`: for anybody.
pub(crate) async fn school(State(house): State<Shared>) -> Result<Json<SchoolView>, Refused> {
    let Some((store, _)) = house.roster.records() else {
        return Ok(Json(SchoolView {
            name: String::new(),
            is_set_up: false,
            contact: None,
        }));
    };
    let school = store.school().await?;
    Ok(Json(SchoolView {
        name: school.name.as_str().to_owned(),
        is_set_up: !store.needs_set_up().await?,
        contact: show::contact(&school),
    }))
}

/// `POST /api/v1/setup/check`: whether a set-up link is good still, and for whom.
pub(crate) async fn check_set_up(
    State(house): State<Shared>,
    request: Request,
) -> Result<Json<SetupOffer>, Refused> {
    let source = ask::admit(&house, &request)?;
    house.limiter.take_sign_in(source)?;
    let asked: SetupCheck = ask::read(request).await?;
    let digest = set_up_digest(&asked.secret)?;
    let account = records(&house)?
        .check_set_up(&digest, Timestamp::now())
        .await?;
    Ok(Json(SetupOffer {
        email: account.map(|(_, email)| email.reveal().to_owned()),
    }))
}

/// `POST /api/v1/setup`: makes the first administrator, or has one who was added choose a password;
/// they are signed in at once.
pub(crate) async fn set_up(
    State(house): State<Shared>,
    request: Request,
) -> Result<Response, Refused> {
    let source = ask::admit(&house, &request)?;
    house.limiter.take_sign_in(source)?;
    let asked: SetupRequest = ask::read(request).await?;
    let digest = set_up_digest(&asked.secret)?;
    let store = records(&house)?;
    let now = Timestamp::now();
    if let Some((name, email)) = store.check_set_up(&digest, now).await? {
        school::password::check(&asked.password)
            .map_err(|refusal| Refused::Fields(vec![("password", refusal)]))?;
        let hash = hashed(asked.password).await?;
        let id = store.take_up(&digest, &hash, now).await?;
        return signed_in(&house, store, id, (&name, &email), now).await;
    }
    let school = Label::read(&asked.school);
    let name = Name::read(&asked.name);
    let email = EmailAddress::read(&asked.email);
    let password = school::password::check(&asked.password);
    let (school_name, name, email) = match (school, name, email, password) {
        (Ok(school), Ok(name), Ok(email), Ok(())) => (school, name, email),
        (school, name, email, password) => {
            let wrong = [
                ("school", school.err()),
                ("name", name.err()),
                ("email", email.err()),
                ("password", password.err()),
            ];
            let wrong = wrong
                .into_iter()
                .filter_map(|(field, it)| Some((field, it?)));
            return Err(Refused::Fields(wrong.collect()));
        }
    };
    let staff = NewStaff {
        name: name.clone(),
        email: email.clone(),
        password_hash: hashed(asked.password).await?,
    };
    let id = store.set_up(&digest, &staff, now).await?;
    let mut school = store.school().await?;
    school.name = school_name;
    store.change_school(&school, Actor::Staff(id), now).await?;
    signed_in(&house, store, id, (&name, &email), now).await
}

/// `POST /api/v1/session`: signs in.
pub(crate) async fn sign_in(
    State(house): State<Shared>,
    request: Request,
) -> Result<Response, Refused> {
    let source = ask::admit(&house, &request)?;
    house.limiter.take_sign_in(source)?;
    let asked: SignIn = ask::read(request).await?;
    let store = records(&house)?;
    let now = Timestamp::now();
    let account = match EmailAddress::read(&asked.email) {
        Ok(email) => {
            house.limiter.take_account(&email.key())?;
            store.staff_by_email(&email).await?
        }
        Err(_none) => None,
    };
    let account = account.filter(|it| !it.password_hash.is_empty());
    let kept = account
        .as_ref()
        .map_or_else(|| NOBODY.clone(), |it| it.password_hash.clone());
    let is_right = is_password(asked.password, kept).await?;
    match account.filter(|_| is_right) {
        Some(account) => {
            let who = (&account.name, &account.email);
            signed_in(&house, store, account.id, who, now).await
        }
        None => {
            store
                .note(
                    Actor::Unknown,
                    Action::SignInFailed,
                    "staff:unknown",
                    &[],
                    now,
                )
                .await?;
            Err(Refused::WrongPassword)
        }
    }
}

/// `GET /api/v1/session`: who is signed in.
pub(crate) async fn who(
    State(house): State<Shared>,
    request: Request,
) -> Result<Json<Staff>, Refused> {
    let office = super::enter(&house, &request).await?;
    let school = office.store.school().await?;
    let accounts = office.store.staff().await?;
    let account = accounts.iter().find(|it| it.id == office.who.staff);
    Ok(Json(Staff {
        name: office.who.name.reveal().to_owned(),
        email: account
            .map(|it| it.email.reveal().to_owned())
            .unwrap_or_default(),
        school: school.name.as_str().to_owned(),
        csrf: office.token.csrf(),
    }))
}

/// `DELETE /api/v1/session`: signs out.
pub(crate) async fn sign_out(
    State(house): State<Shared>,
    request: Request,
) -> Result<Response, Refused> {
    let office = super::enter(&house, &request).await?;
    office.store.end_session(&office.token.digest()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, staff_session::no_cookie(&house.public_url));
    Ok(response)
}

async fn signed_in(
    house: &House,
    store: &Store,
    id: StaffId,
    (name, email): (&Name, &EmailAddress),
    now: Timestamp,
) -> Result<Response, Refused> {
    let token = Token::random();
    let until = now.checked_add(staff_session::LIFE).unwrap_or(now);
    store.begin_session(id, &token.digest(), until, now).await?;
    let school = store.school().await?;
    let staff = Staff {
        name: name.reveal().to_owned(),
        email: email.reveal().to_owned(),
        school: school.name.as_str().to_owned(),
        csrf: token.csrf(),
    };
    let mut response = Json(staff).into_response();
    set_cookie(&mut response, token.cookie(&house.public_url));
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}

fn records(house: &House) -> Result<&Store, Refused> {
    let (store, _) = house.roster.records().ok_or(Refused::Unavailable)?;
    Ok(store)
}

fn set_up_digest(secret: &str) -> Result<[u8; 32], Refused> {
    let secret = Secret::read(secret).ok_or(Refused::Rule(Refusal::SetUpDone))?;
    Ok(staff_session::digest(&secret))
}

/// What is kept of a password.
pub(crate) fn hash(password: &str) -> Option<String> {
    let salt = SaltString::generate(&mut OsRng);
    let password = Private::new(school::text::password(password));
    let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
    hash.ok().map(|hash| hash.to_string())
}

async fn hashed(password: String) -> Result<String, Refused> {
    let password = Private::new(password);
    working(move || hash(password.reveal()))
        .await?
        .ok_or(Refused::Unavailable)
}

async fn is_password(shown: String, kept: String) -> Result<bool, Refused> {
    let shown = Private::new(shown);
    working(move || {
        PasswordHash::new(&kept).is_ok_and(|kept| {
            let shown = Private::new(school::text::password(shown.reveal()));
            let shown = shown.reveal().as_bytes();
            Argon2::default().verify_password(shown, &kept).is_ok()
        })
    })
    .await
}

/// Does what takes a core for a while beside everything else.
async fn working<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refused> {
    let _turn = HASHING
        .acquire()
        .await
        .map_err(|_closed| Refused::Unavailable)?;
    spawn_blocking(work)
        .await
        .map_err(|_panicked| Refused::Unavailable)
}
