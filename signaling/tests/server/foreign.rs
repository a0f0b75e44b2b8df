//! Every endpoint, with every id it takes, of somebody else's: whoever has a right to something has
//! none to what is another family's, another evening's or another school's. The endpoints and what
//! they take come from the API's own description: a new one is tried as soon as it is there.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use school::consent::{Consent, How, WORDING};
use school::{
    EmailAddress, JointTeachers, Label, MeetingId, Name, Note, Power, Powers, SchoolId, SlotNumber,
    StaffId,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Actor, AreaDraft, BookingRequest, Guardian, Holder, Identity, NewCallGuest, NewClass,
    NewContact, NewInvitation, NewPasskey, NewStaff, NewStop, NewStudent, NewTeacher, Reach,
    Recognised, RoomDraft, Store,
};

use crate::passkeys::PAGE;
use crate::support::request::{Answer, get};
use crate::support::school::{Evening, Key, School, attempt, draft};
use crate::support::security_key::SecurityKey;
use signaling::PublicUrl;

mod acts;
mod roles;
mod signed_in;

/// Ids by what they name.
type Ids = BTreeMap<&'static str, String>;

/// One endpoint of the description.
struct Endpoint {
    method: String,
    /// Under `/api/v1`, with its braces.
    path: String,
    is_office: bool,
    /// What it asks of who is signed in, where it does.
    right: String,
    /// The names of ids in its path, but a link's own.
    takes: Vec<String>,
    /// The names of what its body holds.
    fields: Vec<String>,
}

async fn endpoints(it: &Evening) -> Vec<Endpoint> {
    let document: Value = get(it.school.address, "/api/v1/openapi.json").await.json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let name = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
            let fields = name.map_or_else(Vec::new, |name| {
                let properties = &document["components"]["schemas"][name]["properties"];
                let properties = properties.as_object().expect("an object's fields");
                properties.keys().cloned().collect()
            });
            let path = path.trim_start_matches("/api/v1").to_owned();
            let takes = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .filter(|name| *name != "id");
            all.push(Endpoint {
                method: method.to_uppercase(),
                is_office: operation["security"][0].get("session").is_some(),
                right: operation["x-right"].as_str().unwrap_or_default().to_owned(),
                takes: takes.map(str::to_owned).collect(),
                path,
                fields,
            });
        }
    }
    assert!(all.len() > 50, "they are described");
    all
}

/// A path with its ids, which name something.
fn filled(path: &str, ids: &Ids) -> String {
    let parts = path.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        match name {
            None | Some("id") => part,
            Some(name) => match ids.get(name) {
                Some(id) => id.as_str(),
                None => panic!("give this test a {name} of somebody else's: {path}"),
            },
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn code(answer: &Answer) -> String {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    problem["code"].as_str().unwrap_or_default().to_owned()
}

/// An evening with all there is to name: Maria's, of which everything is hers, and the others'.
struct World {
    it: Evening,
    hers: Ids,
    /// Of other families, of her children's other parent, of her own other evening.
    others: Vec<(&'static str, Ids)>,
    /// Of another school in the same records.
    elsewhere: Ids,
}

impl World {
    #[expect(clippy::too_many_lines, reason = "a list, one line a thing")]
    async fn open() -> Self {
        let mut settings = School::settings();
        // So that what is not hers is refused for that, and not because no parent may.
        settings.powers.parent = Powers::of([Power::Invite]);
        settings.http.public_url = PublicUrl::parse(PAGE);
        let mut it = Evening::open_with(settings).await;
        let starts = it.starts().await;
        let barred = json!({"name": "Bad Uncle", "email": "bad@x.example", "students": []});
        let barred = it.school.made("/contacts", &barred).await;
        let path = format!("/contacts/{barred}/court-order");
        it.school.done("PUT", &path, &json!({"active": true})).await;

        let booked = async |key: &Key, student: &str, class: &str, slot: usize| {
            let answer = it
                .book(key, student, class, &starts[slot], &attempt())
                .await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json::<Value>()["appointment"].clone()
        };
        let invited = async |key: &Key, who: &str, student: &str| {
            let answer = it.invite(key, who, &[student]).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            id_of(&answer.json::<Value>()["invitation"])
        };
        let one = booked(&it.maria, &it.ana, &it.french, 1).await;
        let mut hers = Ids::from([
            ("evening", it.evening.clone()),
            ("contact", it.contacts[0].clone()),
            ("teacher", it.teachers[0].clone()),
            ("student", it.ana.clone()),
            ("class", it.french.clone()),
            ("booking", id_of(&one)),
            ("meeting", meeting_of(&one)),
            (
                "invitation",
                invited(&it.maria, "Grandma Rosa", &it.ana).await,
            ),
        ]);
        let guest = call_guest(&it.school.store, &meeting_of(&one), &it.contacts[0]).await;
        hers.insert("guest", guest);
        let one = booked(&it.omar, &it.cem, &it.maths, 2).await;
        let guest = call_guest(&it.school.store, &meeting_of(&one), &it.contacts[1]).await;
        let omars = Ids::from([
            ("booking", id_of(&one)),
            ("meeting", meeting_of(&one)),
            ("guest", guest),
            (
                "invitation",
                invited(&it.omar, "Uncle Deniz", &it.cem).await,
            ),
            ("student", it.cem.clone()),
            ("contact", it.contacts[1].clone()),
        ]);
        let one = booked(&it.paul, &it.ana, &it.maths, 3).await;
        let pauls = Ids::from([
            ("booking", id_of(&one)),
            ("meeting", meeting_of(&one)),
            ("invitation", invited(&it.paul, "Aunt Vera", &it.ana).await),
            ("contact", it.contacts[2].clone()),
        ]);
        it.invite(&it.maria, "Bad Uncle", &[&it.ben]).await;
        let approvals = it.school.done("GET", "/approvals", &Value::Null).await;
        hers.insert("approval", id_of(&approvals["approvals"][0]));
        let all = it.school.done("GET", "/members", &Value::Null).await;
        hers.insert("member", id_of(&all["members"][0]));
        identify(&it.school.store, "ada@hillroad.example").await;
        let again = json!({
            "email": "ada@hillroad.example", "password": "correct horse battery",
        });
        let again = it.school.ask("POST", "/session", &again).await;
        it.school.remember(&again);
        let room = json!({"name": "Room 1", "members": [hers["member"]]});
        hers.insert("room", it.school.made("/rooms", &room).await);
        let stop = stopped(&it.school.store, &hers["room"], &hers["member"]).await;
        hers.insert("stop", stop);
        let zoe = NewStaff {
            name: Name::read("Zoe Keys").expect("a name"),
            email: EmailAddress::read("zoe@hillroad.example").expect("an address"),
            password_hash: String::new(),
            rank: school::Rank::Member,
        };
        let zoe = it
            .school
            .store
            .add_staff(&zoe, Actor::Program, ambient::now());
        let zoe = zoe.await.expect("kept");
        hers.insert("passkey", passkey(&it.school.store, zoe).await);
        let area = json!({"name": "Front desk", "purpose": "", "providers": [hers["member"]]});
        let area = it.school.made("/areas", &area).await;
        let waits = caller(&it.school.store, &area).await;
        hers.insert("visit", waits.clone());
        hers.insert("caller", waits);
        hers.insert("area", area);
        let other_evening = other_evening(&it).await;
        let elsewhere = elsewhere(&it).await;
        Self {
            hers,
            others: vec![
                ("another family's", omars),
                ("the other parent's", pauls),
                ("another evening's", other_evening),
            ],
            elsewhere,
            it,
        }
    }
}

/// Whoever has that address signs in by the school's provider.
async fn identify(store: &Store, address: &str) {
    let identity = Identity {
        issuer: "https://id.example",
        subject: address,
        client: "homeroom",
    };
    let addresses = [EmailAddress::read(address).expect("an address")];
    let recognised = store.recognise(identity, &addresses, ambient::now()).await;
    assert!(matches!(recognised, Ok(Recognised::As(_))), "{address}");
}

/// A passkey of somebody who has no password.
async fn passkey(store: &Store, staff: StaffId) -> String {
    let (now, session) = (ambient::now(), ambient::random());
    let until = now + jiff::SignedDuration::from_mins(1);
    let begun = store.begin_session((staff, None), (&session, &[0; 32]), until, now);
    begun.await.expect("begun");
    let key = SecurityKey::new();
    let new = NewPasskey {
        credential: &key.credential,
        public_key: &key.public_key().0,
        algorithm: -7,
        sign_count: 0,
        transports: "usb",
        name: &Label::read("Theirs").expect("a label"),
    };
    let added = store.add_passkey((staff, ""), new, &[], &session, now);
    added.await.expect("kept");
    let all = store.passkeys(staff).await.expect("records");
    all.first().expect("it is there").id.to_string()
}

/// A guest whom a parent has invited out of a meeting.
async fn call_guest(store: &Store, meeting: &str, by: &str) -> String {
    let new = NewCallGuest {
        reach: Reach::Link,
        language: None,
        attempt: attempt(),
    };
    let by = Holder::Parent(by.parse().expect("an id"));
    let meeting: MeetingId = meeting.parse().expect("an id");
    let invited = store.invite_guest(meeting, &new, by, ambient::now()).await;
    invited.expect("kept").0.to_string()
}

/// Somebody who waits in an area, and what they are called there.
async fn caller(store: &Store, area: &str) -> String {
    let area = area.parse().expect("an id");
    let name = Name::read("Wai Ting").expect("a name");
    let (reason, press) = (Note::default(), attempt());
    let came = store.come_to_area(area, (&name, &reason), &press, ambient::now());
    let (link, _) = came.await.expect("kept");
    let held = store.link(link.id, ambient::now()).await.expect("records");
    held.expect("a link").holder.id().to_string()
}

/// A call in a room that a member has ended for abuse.
async fn stopped(store: &Store, room: &str, by: &str) -> String {
    let now = ambient::now();
    let room = store
        .room(room.parse().expect("an id"))
        .await
        .expect("there");
    let new = NewStop {
        attempt: attempt(),
        note: Note::default(),
        // By a link that is gone.
        were: links::LinkId::from_number(1).into_iter().collect(),
        opened: None,
    };
    let by = Holder::Staff(by.parse().expect("an id"));
    let done = store.stop_call(room.meeting, &new, by, now).await;
    done.expect("stopped");
    let all = store.stopped_calls().await.expect("records");
    all.first().expect("it is there").id.to_string()
}

fn meeting_of(appointment: &Value) -> String {
    let id = appointment["meeting"].as_str();
    id.expect("an id").to_owned()
}

fn id_of(thing: &Value) -> String {
    thing["id"].as_str().expect("an id").to_owned()
}

/// What Maria has in another evening, by another link.
async fn other_evening(it: &Evening) -> Ids {
    let evening = it.school.made("/evenings", &draft()).await;
    let path = format!("/evenings/{evening}/booking");
    it.school.done("PUT", &path, &json!({"open": true})).await;
    let key = it.school.parent(&evening, &it.contacts[0]).await;
    let slots = it.school.granted(&key, "/slots", json!({})).await;
    let starts = slots["slots"][0]["slots"][5]["starts"].clone();
    let body = json!({
        "student": it.ben, "class": it.french, "starts": starts, "attempt": attempt(),
    });
    let booked = it.school.granted(&key, "/bookings", body).await;
    let answer = it.invite(&key, "Cousin Ines", &[&it.ben]).await;
    let invited = answer.json::<Value>();
    Ids::from([
        ("booking", id_of(&booked["appointment"])),
        ("meeting", meeting_of(&booked["appointment"])),
        ("invitation", id_of(&invited["invitation"])),
    ])
}

/// A whole school beside this one.
#[expect(clippy::too_many_lines, reason = "a list, one line a thing")]
async fn elsewhere(it: &Evening) -> Ids {
    let file = it.school.folder.path().join("homeroom.sqlite");
    let url = format!("sqlite://{}", file.display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("the records");
    let copied = sqlx::query(
        "INSERT INTO schools (id, name, zone, contact_email, contact_phone, retention_days,
           audit_count, audit_hash)
         SELECT 77, 'Another', zone, contact_email, contact_phone, retention_days, 0,
           zeroblob(32) FROM schools LIMIT 1",
    );
    copied.execute(&pool).await.expect("another school");
    pool.close().await;
    let store = it.school.store.of_school(SchoolId(77));
    let (now, office) = (ambient::now(), Actor::Program);
    let name = |text: &str| Name::read(text).expect("a name");
    let email = |text: &str| EmailAddress::read(text).expect("an address");
    let teacher = NewTeacher {
        name: name("Their Teacher"),
        email: None,
        place: None,
    };
    let teacher = store
        .add_teacher(&teacher, office, now)
        .await
        .expect("kept");
    let student = NewStudent {
        name: name("Their Student"),
        form: String::new(),
        year: None,
        source: None,
        classes: None,
    };
    let student = store
        .add_student(&student, office, now)
        .await
        .expect("kept");
    let class = NewClass {
        name: Label::read("Theirs").expect("a label"),
        subject: Label::read("Theirs").expect("a label"),
        teachers: JointTeachers::new(vec![teacher]).expect("one"),
        students: Some(vec![student]),
    };
    let class = store.add_class(&class, office, now).await.expect("kept");
    let contact = async |who: &str, at: &str| {
        let contact = NewContact {
            mobile: None,
            name: name(who),
            email: Some(email(at)),
            students: vec![Guardian {
                student,
                relationship: String::new(),
            }],
        };
        store
            .add_contact(&contact, office, now)
            .await
            .expect("kept")
    };
    let parent = contact("Their Parent", "theirs@x.example").await;
    let barred = contact("Their Bad Uncle", "worse@x.example").await;
    store
        .set_court_order(barred, office, now)
        .await
        .expect("kept");
    let own = it
        .school
        .store
        .evening(it.evening.parse().expect("an id"))
        .await;
    let draft = own.expect("records").draft;
    let evening = store
        .add_evening(draft, &[class], office, now)
        .await
        .expect("kept");
    store
        .open_booking(evening, office, now)
        .await
        .expect("open");
    let booking = BookingRequest {
        student,
        class,
        slot: SlotNumber(3),
        note: Note::default(),
    };
    let booking = store
        .book(parent, evening, &booking, None, office, now)
        .await
        .expect("kept");
    let invite = async |who: &str, at: &str| {
        let new = NewInvitation {
            name: name(who),
            email: email(at),
            students: BTreeSet::from([student]),
            consent: Consent::check(true, WORDING, How::Page, now).expect("consent"),
        };
        let invited = store.invite(parent, evening, &new, None, office, now).await;
        let id = invited.expect("kept").id;
        id.to_string()
    };
    let invitation = invite("Their Guest", "guest@x.example").await;
    let removed = invitation.parse().expect("an id");
    store
        .remove_invitation(removed, office, now)
        .await
        .expect("kept");
    let approval = invite("Their Bad Uncle", "worse@x.example").await;
    let member = NewStaff {
        name: name("Their Member"),
        email: email("member@x.example"),
        password_hash: String::new(),
        rank: school::Rank::Member,
    };
    let member = store.add_staff(&member, office, now).await.expect("kept");
    identify(&store, "member@x.example").await;
    let room = RoomDraft {
        name: Label::read("Theirs").expect("a label"),
        door: school::meeting::Door::Open,
        members: BTreeSet::from([member]),
        terms: school::rooms::Terms::default(),
    };
    let room = store.add_room(&room, office, now).await.expect("kept");
    let area = AreaDraft {
        name: Label::read("Theirs").expect("a label"),
        purpose: Note::default(),
        hours: None,
        providers: BTreeSet::from([member]),
    };
    let area = store.add_area(&area, office, now).await.expect("kept");
    let passkey = passkey(&store, member).await;
    let area = area.to_string();
    let meeting = booking.meeting.to_string();
    let guest = call_guest(&store, &meeting, &parent.to_string()).await;
    let stop = stopped(&store, &room.to_string(), &member.to_string()).await;
    Ids::from([
        ("stop", stop),
        ("passkey", passkey),
        ("guest", guest),
        ("caller", caller(&store, &area).await),
        ("visit", caller(&store, &area).await),
        ("area", area),
        ("room", room.to_string()),
        ("member", member.to_string()),
        ("evening", evening.to_string()),
        ("contact", parent.to_string()),
        ("teacher", teacher.to_string()),
        ("student", student.to_string()),
        ("class", class.to_string()),
        ("booking", booking.id.to_string()),
        ("meeting", meeting),
        ("invitation", approval.clone()),
        ("approval", approval),
    ])
}

/// Fields of bodies that name something by an id, and under which name that is known here.
const NAMING: &[(&str, &str)] = &[
    ("student", "student"),
    ("students", "student"),
    ("class", "class"),
    ("classes", "class"),
    ("teachers", "teacher"),
    ("meeting", "meeting"),
    ("wishes", "student"),
    ("guardian", "contact"),
    ("members", "member"),
    ("providers", "member"),
    ("to", "area"),
];

/// Fields that name nothing.
const PLAIN: &[&str] = &[
    "secret",
    "attempt",
    "time_zone",
    "language",
    "accepts_rules",
    "prepares",
    "seen",
    "starts",
    "note",
    "before",
    "from",
    "until",
    "name",
    "email",
    "mobile",
    "consent",
    "wording",
    "date",
    "ends",
    "slot_minutes",
    "gap_minutes",
    "booking_closes",
    "open",
    "subject",
    "form",
    "source",
    "relationship",
    "active",
    "approve",
    "place",
    "search",
    "page",
    "password",
    "school",
    "contact_email",
    "contact_phone",
    "retention_days",
    "student_id",
    "homeroom",
    "court_order",
    "phone",
    "zone",
    "opens",
    "closes",
    "version",
    "purpose",
    "hours",
    "word",
    "words",
    "reason",
    "late_minutes",
    "here",
    "away_until",
];

/// A body in which everything is Maria's, but what `with` says.
fn body(it: &Evening, starts: &str, with: &Value) -> Value {
    let mut body = draft();
    let own = json!({
        "attempt": attempt(), "student": it.ana, "class": it.maths, "starts": starts, "note": "",
        "name": "Grandpa Luis", "email": "luis@x.example", "consent": true, "wording": "1",
        "students": [it.ben], "seen": "", "open": true, "subject": "S", "teachers": [it.teachers[1]],
        "active": false, "approve": true, "place": 0, "homeroom": "8B", "classes": [it.french],
        "wishes": [{"student": it.ana, "class": it.maths}], "decision": "keep", "words": "",
        "purpose": "", "word": "", "here": true,
    });
    for fields in [&own, with] {
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
    }
    body
}

/// What the records of everybody else hold, as they and the office see it.
async fn everything_of_others(world: &World) -> Vec<Value> {
    let it = &world.it;
    let mut all = Vec::new();
    for key in [&it.omar, &it.paul] {
        let page = it.school.granted(key, "/parent", json!({})).await;
        all.push(json!([page["students"], page["bookings"]]));
        let sent = page["invitations"]["sent"]
            .as_array()
            .expect("a list")
            .iter();
        all.extend(sent.map(|one| json!([one["id"], one["name"], one["email"]])));
    }
    let (_, omars) = &world.others[0];
    let meeting = omars["meeting"].parse().expect("an id");
    let guests = it.school.store.call_guests(meeting, ambient::now()).await;
    let guests = guests.expect("records").into_iter();
    all.extend(guests.map(|one| json!(one.id.to_string())));
    all
}

#[tokio::test]
async fn a_parent_reaches_nothing_that_is_somebody_elses() {
    let world = World::open().await;
    let it = &world.it;
    let starts = it.starts().await;
    let before = everything_of_others(&world).await;
    let mut tried = 0;
    for endpoint in endpoints(it).await {
        let is_of_teachers = endpoint.path.starts_with("/links/{id}/teacher/");
        if endpoint.is_office || is_of_teachers || !endpoint.path.starts_with("/links/") {
            continue;
        }
        let rest = endpoint.path.trim_start_matches("/links/{id}");
        let refused = async |rest: &str, body: Value, whose: &str| {
            let answer = it.school.by(&it.maria, rest, body).await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (404, "not_found"),
                "{} of {whose}: {}",
                endpoint.path,
                answer.body
            );
        };
        let foreign = world.others.iter().map(|(whose, ids)| (*whose, ids));
        let foreign = foreign.chain([("another school's", &world.elsewhere)]);
        for (whose, ids) in foreign {
            for name in &endpoint.takes {
                let Some(id) = ids.get(name.as_str()) else {
                    continue;
                };
                let mut mixed = world.hers.clone();
                let (name, _) = ids.get_key_value(name.as_str()).expect("it is there");
                mixed.insert(*name, id.clone());
                let own = body(it, &starts[7], &json!({}));
                refused(&filled(rest, &mixed), own, whose).await;
                tried += 1;
            }
            for field in &endpoint.fields {
                let named = NAMING.iter().find(|(known, _)| known == field);
                let Some((_, kind)) = named else {
                    assert!(
                        PLAIN.contains(&field.as_str()),
                        "say of {field} of {} whether it names something",
                        endpoint.path
                    );
                    continue;
                };
                let Some(id) = ids.get(kind) else { continue };
                let value = match field.as_str() {
                    "students" => json!([id]),
                    "wishes" => json!([{"student": id, "class": it.maths}]),
                    _ => json!(id),
                };
                let with = body(it, &starts[7], &json!({ field: value }));
                refused(&filled(rest, &world.hers), with, whose).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
    assert_eq!(everything_of_others(&world).await, before);
}

#[tokio::test]
async fn a_parent_who_may_invite_reaches_the_guests_that_are_hers() {
    let world = World::open().await;
    let own = filled("/meetings/{meeting}/guests", &world.hers);
    let school = &world.it.school;
    let own = school.granted(&world.it.maria, &own, json!({})).await;
    assert_eq!(own["guests"][0]["id"], world.hers["guest"].as_str());
}

/// A body that names what is there, of every kind that an endpoint may ask for.
fn whole(world: &World, endpoint: &Endpoint, starts: &[String]) -> Value {
    let it = &world.it;
    // An evening's beginning is a time of the day, a slot's a moment.
    let is_evening = endpoint.fields.iter().any(|it| it == "date");
    let starts = if is_evening {
        draft()["starts"].clone()
    } else {
        json!(starts[7])
    };
    // Her children stay hers, whatever is asked before.
    body(
        it,
        "",
        &json!({
            "starts": starts, "students": [it.ana, it.ben],
            "members": [world.hers["member"]],
            "providers": [world.hers["member"]], "to": world.hers["area"],
            "role": "member", "other": it.contacts[1], "what": "telephone", "keep": "own",
            "own": "01632 960001", "school": "01632 960002",
            "password": "correct horse battery",
        }),
    )
}

#[expect(clippy::too_many_lines, reason = "a list, one line a thing")]
#[tokio::test]
async fn the_office_reaches_nothing_of_another_school_nor_by_another_path() {
    let world = World::open().await;
    let it = &world.it;
    let starts = it.starts().await;
    let (mut tried, mut reached) = (0, Vec::new());
    let all = endpoints(it).await;
    let office = || all.iter().filter(|it| it.is_office && !it.takes.is_empty());
    for endpoint in office() {
        for name in &endpoint.takes {
            // Another school's of that kind, and something else of ours.
            let other_kind = if name == "teacher" {
                "class"
            } else {
                "teacher"
            };
            let mut foreign = vec![
                world.elsewhere.get(name.as_str()).cloned(),
                world.hers.get(other_kind).cloned(),
            ];
            if endpoint.takes.len() > 2 && name == "booking" {
                let of_others = world.others.iter();
                foreign.extend(of_others.map(|(_, ids)| ids.get("booking").cloned()));
            }
            for id in foreign.into_iter().flatten() {
                let (kind, _) = world
                    .hers
                    .get_key_value(name.as_str())
                    .unwrap_or_else(|| panic!("give this test a {name}"));
                let mut mixed = world.hers.clone();
                mixed.insert(*kind, id);
                let path = filled(&endpoint.path, &mixed);
                let answer = it
                    .school
                    .ask(&endpoint.method, &path, &whole(&world, endpoint, &starts))
                    .await;
                if (answer.status, code(&answer).as_str()) != (404, "not_found") {
                    let (method, path, body) = (&endpoint.method, &endpoint.path, answer.body);
                    reached.push(format!("{method} {path}, {name}: {} {body}", answer.status));
                }
                tried += 1;
            }
        }
    }
    assert!(reached.is_empty(), "{reached:#?}");
    // Nor by what a body names.
    for what in ["join", "join/preview", "part", "other-person"] {
        let path = format!("/contacts/{}/{what}", world.hers["contact"]);
        for other in [
            &world.elsewhere["contact"],
            &world.hers["teacher"],
            &world.hers["contact"],
        ] {
            let answer = it.school.ask("POST", &path, &json!({"other": other})).await;
            assert_eq!(answer.status, 404, "{what} {other}: {}", answer.body);
        }
    }
    assert!(tried > 60, "{tried}");
    // With what is there, each of them finds it, in a world that none changed before: nothing above
    // was a slip of this test's. There is no doubt there whether two records are one person's, nothing
    // to ask of an appointment, nothing that was made one, and no passkey of whoever asks.
    let asks = |path: &str| {
        path.ends_with("/tell-apart")
            || path.ends_with("/part")
            || path.starts_with("/asked/")
            || path.ends_with("/{passkey}/remove")
    };
    for endpoint in office().filter(|it| !asks(&it.path)) {
        let world = World::open().await;
        let path = filled(&endpoint.path, &world.hers);
        let starts = world.it.starts().await;
        let school = &world.it.school;
        let answer = school
            .ask(&endpoint.method, &path, &whole(&world, endpoint, &starts))
            .await;
        assert_ne!(
            answer.status, 404,
            "{} {path}: {}",
            endpoint.method, answer.body
        );
    }
}

#[tokio::test]
async fn a_guest_and_a_teacher_come_into_no_call_but_their_own() {
    let world = World::open().await;
    let it = &world.it;
    let mut rosa = None;
    for key in it.school.guests(&it.evening).await {
        let view = it.school.granted(&key, "", json!({})).await;
        if view["name"] == "Grandma Rosa" {
            rosa = Some(key);
        }
    }
    let guest = rosa.expect("Maria has invited her");
    let teacher = it.school.teacher(&it.evening, &it.teachers[1]).await;
    let french = ("booked with another teacher", &world.hers);
    let others = world.others.iter().map(|(whose, ids)| (*whose, ids));
    let others: Vec<_> = others
        .chain([("another school's", &world.elsewhere)])
        .collect();
    let foreign_to_the_guest = others.iter().filter(|(_, ids)| ids.contains_key("meeting"));
    // Both teachers take mathematics, which the others have booked; the first takes French alone.
    let foreign_to_the_teacher = others
        .iter()
        .filter(|(whose, _)| ["another evening's", "another school's"].contains(whose))
        .chain([&french]);
    let tried = foreign_to_the_guest
        .map(|it| (&guest, it))
        .chain(foreign_to_the_teacher.map(|it| (&teacher, it)));
    for (key, (whose, ids)) in tried {
        let body = json!({"attempt": attempt(), "meeting": ids["meeting"]});
        let answer = it.school.by(key, "/tickets", body).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (404, "not_found"),
            "{whose}: {}",
            answer.body
        );
        // A teacher's line stands beside what that teacher takes.
        if std::ptr::eq(key, &teacher) {
            let path = filled("/teacher/{booking}/note", ids);
            let answer = it.school.by(key, &path, json!({"note": "mine"})).await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (404, "not_found"),
                "{whose}: {}",
                answer.body
            );
        }
    }
}
