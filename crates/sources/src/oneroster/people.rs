//! Students, their contacts, teachers and classes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use school::import::{
    ChangedPlace, Entry, Guardian, Hint, Incoming, Left, Listed, ListedClass, ListedContact,
    ListedTeacher, Named, NamesAll, Row, Taker, Unsaid,
};
use school::telephone;
use school::text::{EmailAddress, Label, Name, read_line};
use school::year;

use super::Unreadable;
use super::folder::{Folder, Manifest};
use super::sheet::SheetRow;
use crate::names::told_apart;

/// What somebody is in the roles of the specification, as far as it matters here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
    Student,
    Teacher,
    /// With the word for it.
    Contact(&'static str),
    Other,
    /// It is not said.
    Unsaid,
}

impl Role {
    fn of(code: &str) -> Self {
        match code.to_ascii_lowercase().as_str() {
            "student" => Self::Student,
            "teacher" => Self::Teacher,
            "parent" => Self::Contact("Parent"),
            "guardian" => Self::Contact("Guardian"),
            "relative" => Self::Contact("Relative"),
            "" => Self::Unsaid,
            _ => Self::Other,
        }
    }
}

/// Somebody of `users.csv`.
struct User {
    id: String,
    line: u64,
    role: Role,
    given: String,
    family: String,
    email: String,
    /// The number that text messages go to.
    sms: String,
    /// Their other telephone number, as it stands there.
    phone: String,
    /// An id that a person may know: the number in the school's own lists.
    identifier: String,
    grades: String,
    agents: Vec<String>,
}

impl User {
    fn name(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }

    fn read_name(&self) -> Result<Name, String> {
        Name::read(&self.name()).map_err(|why| format!("In givenName and familyName: {why}"))
    }

    fn read_email(&self) -> Result<Option<EmailAddress>, String> {
        EmailAddress::read_listed(&self.email).map_err(|why| format!("In email: {why}"))
    }
}

/// A class of `classes.csv`.
struct Class {
    line: u64,
    title: String,
    code: String,
    subject: String,
    is_homeroom: bool,
    teachers: Vec<String>,
}

/// What was read so far.
#[derive(Default)]
struct People {
    users: Vec<User>,
    by_id: HashMap<String, usize>,
    classes: BTreeMap<String, Class>,
    /// The classes of each student.
    places: HashMap<String, BTreeSet<String>>,
    left: Left,
    /// Places in classes, in order, as a file of changes says of them.
    changed: Vec<ChangedPlace>,
    /// Whether roles stand in a file of their own.
    roles_apart: bool,
    /// Students and contacts, and teachers, whom a row names without an id.
    without_id: Vec<Row>,
    teachers_without_id: Vec<Listed<ListedTeacher>>,
}

pub(super) fn read(
    folder: &mut Folder<'_>,
    manifest: &Manifest,
    today: Date,
) -> Result<Incoming, Unreadable> {
    if !manifest.has("users") {
        return Err(Unreadable::MissingFile("users.csv"));
    }
    let mut people = People {
        roles_apart: manifest.has("roles"),
        ..People::default()
    };
    let roles = read_roles(folder, manifest, today)?;
    people.read_users(folder, &roles)?;
    people.split_agents();
    let courses = read_courses(folder, manifest)?;
    if manifest.has("classes") {
        people.read_classes(folder, &courses)?;
    }
    if manifest.has("enrollments") {
        people.read_enrollments(folder, today)?;
    }
    let files = ["users", "classes", "enrollments"];
    let has_roles = manifest.has("roles");
    let is_whole =
        files.iter().all(|it| manifest.is_whole(it)) && (!has_roles || manifest.is_whole("roles"));
    if is_whole && !has_roles && people.users.iter().any(|it| it.role == Role::Unsaid) {
        return Err(Unreadable::MissingFile("roles.csv"));
    }
    Ok(people.incoming(is_whole, manifest.has("enrollments")))
}

/// Whether a row holds today: by its first and last day, where it has them.
fn holds(row: &SheetRow<'_>, today: Date) -> Result<bool, Unreadable> {
    let has_begun = row.day("beginDate")?.is_none_or(|it| it <= today);
    Ok(row.day("endDate")?.is_none_or(|it| today <= it) && has_begun)
}

/// The roles of 1.2, which stand in a file of their own: the first that matters here for each, and
/// [`Role::Other`] for whoever has none that does.
fn read_roles(
    folder: &mut Folder<'_>,
    manifest: &Manifest,
    today: Date,
) -> Result<HashMap<String, Role>, Unreadable> {
    let mut roles: HashMap<String, Role> = HashMap::new();
    if manifest.has("roles") {
        folder.each("roles.csv", &["userSourcedId", "role"], |row| {
            let known = roles.entry(row.get("userSourcedId").to_owned());
            let known = known.or_insert(Role::Other);
            let is_first = *known == Role::Other || row.get("roleType") == "primary";
            let role = Role::of(row.get("role"));
            let matters = !matches!(role, Role::Other | Role::Unsaid);
            if matters && is_first && !row.is_deleted() && holds(row, today)? {
                *known = role;
            }
            Ok(())
        })?;
    }
    Ok(roles)
}

fn read_courses(
    folder: &mut Folder<'_>,
    manifest: &Manifest,
) -> Result<HashMap<String, String>, Unreadable> {
    let mut courses = HashMap::new();
    if manifest.has("courses") {
        folder.each("courses.csv", &["sourcedId", "title"], |row| {
            courses.insert(row.get("sourcedId").to_owned(), row.get("title").to_owned());
            Ok(())
        })?;
    }
    Ok(courses)
}

impl People {
    fn read_users(
        &mut self,
        folder: &mut Folder<'_>,
        roles: &HashMap<String, Role>,
    ) -> Result<(), Unreadable> {
        let needed = ["sourcedId", "givenName", "familyName", "agentSourcedIds"];
        folder.each("users.csv", &needed, |row| {
            let id = row.get("sourcedId").to_owned();
            if id.is_empty() {
                self.note_without_id(row);
                return Ok(());
            }
            let role = match roles.get(&id) {
                Some(role) => *role,
                None => Role::of(row.get("role")),
            };
            if row.is_deleted() {
                self.has_left(id, role);
                return Ok(());
            }
            let given = match row.get("preferredGivenName") {
                "" => row.get("givenName"),
                preferred => preferred,
            };
            let family = match row.get("preferredFamilyName") {
                "" => row.get("familyName"),
                preferred => preferred,
            };
            self.by_id.insert(id.clone(), self.users.len());
            self.users.push(User {
                id,
                line: row.line,
                role,
                given: given.to_owned(),
                family: family.to_owned(),
                email: row.get("email").to_owned(),
                sms: row.get("sms").to_owned(),
                phone: row.get("phone").to_owned(),
                identifier: row.get("identifier").to_owned(),
                grades: row.get("grades").to_owned(),
                agents: row.list("agentSourcedIds").map(str::to_owned).collect(),
            });
            Ok(())
        })
    }

    /// Somebody without an id: nobody leaves whom the row may mean.
    fn note_without_id(&mut self, row: &SheetRow<'_>) {
        let name = format!("{} {}", row.get("givenName"), row.get("familyName"));
        let name = name.trim().to_owned();
        let role = Role::of(row.get("role"));
        if row.is_deleted() || role == Role::Other {
            return;
        }
        let reason = "In sourcedId: it is missing. Export it again, with the id of everybody.";
        if role == Role::Teacher {
            self.teachers_without_id.push(Listed {
                line: row.line,
                name,
                entry: Err(reason.to_owned()),
            });
            return;
        }
        let hint = || Hint {
            ids: Vec::new(),
            name: name.clone(),
        };
        let agents = row.list("agentSourcedIds").map(|it| Hint {
            ids: vec![it.to_owned()],
            name: String::new(),
        });
        let contacts = std::iter::once(hint()).chain(agents).collect();
        self.without_id.push(Row {
            line: row.line,
            student: name.clone(),
            entry: Err(reason.to_owned()),
            named: Named {
                student: hint(),
                contacts,
                orders: Vec::new(),
            },
        });
    }

    /// Some systems put semicolons or bars between the ids of agents: where what stands there is nobody's id.
    fn split_agents(&mut self) {
        let by_id = &self.by_id;
        for user in &mut self.users {
            let split = |it: String| -> Vec<String> {
                if by_id.contains_key(&it) {
                    return vec![it];
                }
                let parts = it.split([';', '|']).map(str::trim);
                parts
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let agents = std::mem::take(&mut user.agents);
            user.agents = agents.into_iter().flat_map(split).collect();
        }
    }

    /// What the office should know of contacts whom nobody names, and of agents who are nobody.
    fn notes(&self, is_whole: bool, named: &HashSet<usize>) -> Vec<String> {
        let is_nobodys = |(place, user): &(usize, &User)| {
            matches!(user.role, Role::Contact(_)) && !named.contains(place)
        };
        let nobodys: Vec<_> = self.users.iter().enumerate().filter(is_nobodys).collect();
        let agents = self.users.iter().flat_map(|it| &it.agents);
        let unknown: BTreeSet<&String> =
            agents.filter(|it| !self.by_id.contains_key(*it)).collect();
        let mut notes = Vec::new();
        if let (true, Some((_, first))) = (is_whole, nobodys.first()) {
            notes.push(format!(
                "No student has {} of the contacts in users.csv, {} in row {} first: they are left out.",
                nobodys.len(),
                first.name(),
                first.line
            ));
        }
        if let (true, Some(first)) = (is_whole, unknown.first()) {
            notes.push(format!(
                "agentSourcedIds names {} who are not in users.csv, {first} first: they are nobody's contacts.",
                unknown.len()
            ));
        }
        let places = self.places.values().flatten();
        let unknown: BTreeSet<&String> = places
            .filter(|it| !self.classes.contains_key(*it))
            .collect();
        if let (true, Some(first)) = (is_whole, unknown.first()) {
            notes.push(format!(
                "enrollments.csv names {} classes that are not in classes.csv, {first} first: students are taken in without them.",
                unknown.len()
            ));
        }
        notes
    }

    /// A deleted user: of a role that is not said, or is over, whoever has that id.
    fn has_left(&mut self, id: String, role: Role) {
        let Left {
            students,
            contacts,
            teachers,
            classes: _,
        } = &mut self.left;
        match role {
            Role::Student => students.push(id),
            Role::Teacher => teachers.push(id),
            Role::Contact(_) => contacts.push(id),
            Role::Other | Role::Unsaid => {
                for all in [students, contacts, teachers] {
                    all.push(id.clone());
                }
            }
        }
    }

    fn read_classes(
        &mut self,
        folder: &mut Folder<'_>,
        courses: &HashMap<String, String>,
    ) -> Result<(), Unreadable> {
        folder.each("classes.csv", &["sourcedId", "title"], |row| {
            let id = row.get("sourcedId").to_owned();
            if row.is_deleted() {
                self.left.classes.push(id);
                return Ok(());
            }
            let title = row.get("title");
            let course = courses.get(row.get("courseSourcedId"));
            let subject = row.list("subjects").next();
            let subject = subject.or_else(|| course.map(String::as_str));
            let class = Class {
                line: row.line,
                title: title.to_owned(),
                code: row.get("classCode").to_owned(),
                subject: subject
                    .filter(|it| !it.is_empty())
                    .unwrap_or(title)
                    .to_owned(),
                is_homeroom: row.get("classType").eq_ignore_ascii_case("homeroom"),
                teachers: Vec::new(),
            };
            self.classes.insert(id, class);
            Ok(())
        })
    }

    fn read_enrollments(&mut self, folder: &mut Folder<'_>, today: Date) -> Result<(), Unreadable> {
        let needed = ["classSourcedId", "userSourcedId", "role"];
        folder.each("enrollments.csv", &needed, |row| {
            let class = row.get("classSourcedId").to_owned();
            let user = row.get("userSourcedId").to_owned();
            let is_over = row.is_deleted() || !holds(row, today)?;
            if Role::of(row.get("role")) == Role::Student {
                self.changed.push(ChangedPlace {
                    line: row.line,
                    student: user.clone(),
                    class: class.clone(),
                    is_over,
                });
            }
            if is_over {
                return Ok(());
            }
            match Role::of(row.get("role")) {
                Role::Student => {
                    self.places.entry(user).or_default().insert(class);
                }
                Role::Teacher => {
                    if let Some(class) = self.classes.get_mut(&class)
                        && !class.teachers.contains(&user)
                    {
                        // Whoever answers for a class comes first.
                        if row.get("primary").eq_ignore_ascii_case("true") {
                            class.teachers.insert(0, user);
                        } else {
                            class.teachers.push(user);
                        }
                    }
                }
                Role::Contact(_) | Role::Other | Role::Unsaid => {}
            }
            Ok(())
        })
    }

    fn incoming(self, is_whole: bool, has_enrollments: bool) -> Incoming {
        let names = self.class_names();
        let contacts = self.contacts_of_students();
        let named: HashSet<usize> = contacts.values().flatten().copied().collect();
        let naming = self.naming();
        let mut incoming = Incoming {
            names_all: self.names_all(is_whole),
            rows_are_whole: is_whole,
            notes: self.notes(is_whole, &named),
            students: self.without_id.clone(),
            teachers: self.teachers_without_id.clone(),
            ..Incoming::default()
        };
        for (place, user) in self.users.iter().enumerate() {
            match user.role {
                Role::Contact(_) if !is_whole && !named.contains(&place) => {
                    incoming.contacts.push(listed_contact(user, &naming));
                }
                Role::Unsaid => incoming.unsaid.push(self.unsaid(user, &names, &naming)),
                Role::Teacher => incoming.teachers.push(Listed {
                    line: user.line,
                    name: user.name(),
                    entry: teacher(user),
                }),
                Role::Student => {
                    let contacts = contacts.get(&user.id);
                    let how = (has_enrollments, is_whole);
                    incoming
                        .students
                        .push(self.row(user, contacts, &names, how));
                }
                // Whoever had another role than these, and has none now, may be here by it.
                Role::Other if !is_whole && self.roles_apart => {
                    let one = self.unsaid(user, &names, &naming);
                    incoming.unsaid.push(Unsaid {
                        may_be_nobody: true,
                        ..one
                    });
                }
                Role::Contact(_) | Role::Other => {}
            }
        }
        incoming.classes = self.listed_classes(&names);
        if !is_whole {
            let (by_id, users) = (&self.by_id, &self.users);
            let is_named = |id: &String| {
                let user = by_id.get(id).and_then(|it| users.get(*it));
                user.is_some_and(|it| it.role == Role::Student)
            };
            let changed = self.changed.into_iter();
            incoming.places = changed
                .filter(|it| it.is_over || !is_named(&it.student))
                .collect();
        }
        incoming.left = self.left;
        incoming
    }

    fn listed_classes(&self, names: &HashMap<String, String>) -> Vec<Listed<ListedClass>> {
        let listed = self.classes.iter().map(|(id, class)| {
            let name = names.get(id).map_or(class.title.as_str(), String::as_str);
            Listed {
                line: class.line,
                name: name.to_owned(),
                entry: listed_class(id, class, name),
            }
        });
        listed.collect()
    }

    fn row(
        &self,
        user: &User,
        contacts: Option<&Vec<usize>>,
        names: &HashMap<String, String>,
        how: (bool, bool),
    ) -> Row {
        let entry = self.student(user, contacts, names, how);
        Row {
            line: user.line,
            student: user.name(),
            named: match &entry {
                Ok(_) => Named::default(),
                Err(_reason) => self.named(user, contacts),
            },
            entry,
        }
    }

    /// Whom a student's row names that cannot be taken.
    fn named(&self, user: &User, contacts: Option<&Vec<usize>>) -> Named {
        let ids = |ids: [&String; 2]| {
            ids.into_iter()
                .filter(|it| !it.is_empty())
                .cloned()
                .collect()
        };
        let contacts = contacts.into_iter().flatten();
        let contacts = contacts.filter_map(|place| self.users.get(*place));
        let none = String::new();
        Named {
            student: Hint {
                ids: ids([&user.id, &user.identifier]),
                name: user.name(),
            },
            contacts: contacts
                .map(|it| Hint {
                    ids: ids([&it.id, &none]),
                    name: it.name(),
                })
                .collect(),
            orders: Vec::new(),
        }
    }

    /// Somebody of whom it is not said what they are.
    fn unsaid(
        &self,
        user: &User,
        names: &HashMap<String, String>,
        naming: &HashMap<&str, Vec<&str>>,
    ) -> Unsaid {
        Unsaid {
            line: user.line,
            id: user.id.clone(),
            name: user.name(),
            student: self.student(user, None, names, (false, false)),
            contact: listed_contact(user, naming).entry,
            teacher: teacher(user),
            may_be_nobody: false,
        }
    }

    /// Who names whom among their agents.
    fn naming(&self) -> HashMap<&str, Vec<&str>> {
        let mut naming: HashMap<&str, Vec<&str>> = HashMap::new();
        for user in &self.users {
            for agent in &user.agents {
                naming.entry(agent).or_default().push(&user.id);
            }
        }
        naming
    }

    /// An export without teachers says nothing of them, nor of who takes what.
    fn names_all(&self, is_whole: bool) -> NamesAll {
        let has_teachers = self.users.iter().any(|it| it.role == Role::Teacher);
        NamesAll {
            students: is_whole,
            teachers: is_whole && has_teachers,
            classes: is_whole && has_teachers,
        }
    }

    /// Who is a contact of whom: either may name the other.
    fn contacts_of_students(&self) -> HashMap<String, Vec<usize>> {
        let mut contacts: HashMap<String, Vec<usize>> = HashMap::new();
        let mut seen = HashSet::new();
        let mut add = |student: &User, place: usize| {
            if seen.insert((student.id.clone(), place)) {
                contacts.entry(student.id.clone()).or_default().push(place);
            }
        };
        for (place, user) in self.users.iter().enumerate() {
            for agent in &user.agents {
                let Some(other) = self.by_id.get(agent) else {
                    continue;
                };
                let Some(agent) = self.users.get(*other) else {
                    continue;
                };
                match (user.role, agent.role) {
                    (Role::Student, Role::Contact(_)) => add(user, *other),
                    (Role::Contact(_), Role::Student) => add(agent, place),
                    _ => {}
                }
            }
        }
        contacts
    }

    fn class_names(&self) -> HashMap<String, String> {
        told_apart(self.classes.iter().map(|(id, class)| {
            let (title, code) = (class.title.as_str(), class.code.as_str());
            (id.as_str(), title, code)
        }))
    }

    fn student(
        &self,
        user: &User,
        contacts: Option<&Vec<usize>>,
        names: &HashMap<String, String>,
        (has_enrollments, is_whole): (bool, bool),
    ) -> Result<Entry, String> {
        let places = self.places.get(&user.id);
        let mut classes = Vec::new();
        let mut form = None;
        for id in places.into_iter().flatten() {
            let homeroom = self.classes.get(id).filter(|it| it.is_homeroom);
            form = form.or_else(|| homeroom.map(|it| it.title.clone()));
            // One that is in no file of changes is known by its id, where it is known.
            let name = match names.get(id) {
                Some(name) => name,
                None if is_whole => continue,
                None => id,
            };
            let label = Label::read(name).map_err(|why| format!("In enrollments.csv: {why}"))?;
            classes.push(label);
        }
        // A file of changes need not name the homeroom class they have been in.
        let form = form.or_else(|| is_whole.then(|| user.grades.clone()));
        let form = form.unwrap_or_default();
        let form = read_line(&form).map_err(|why| format!("In grades: {why}"))?;
        let year = year::read(&user.grades).map_err(|why| format!("In grades: {why}"))?;
        let guardians = contacts.into_iter().flatten();
        let guardians = guardians
            .filter_map(|place| self.users.get(*place))
            .map(guardian);
        Ok(Entry {
            student: user.read_name()?,
            source: Some(id_of(user)?),
            other_ids: Some(user.identifier.clone())
                .filter(|it| !it.is_empty())
                .into_iter()
                .collect(),
            form: Some(form).filter(|it| !it.is_empty()),
            year,
            classes: has_enrollments.then_some(classes),
            guardians: guardians.collect::<Result<_, _>>()?,
            unnamed: Vec::new(),
        })
    }
}

fn id_of(user: &User) -> Result<String, String> {
    read_line(&user.id).map_err(|why| format!("In sourcedId: {why}"))
}

fn teacher(user: &User) -> Result<ListedTeacher, String> {
    Ok(ListedTeacher {
        source: Some(id_of(user)?),
        name: user.read_name()?,
        email: user.read_email()?,
    })
}

fn guardian(user: &User) -> Result<Guardian, String> {
    let of = |why: String| format!("Of their contact in row {}: {why}", user.line);
    let relationship = match user.role {
        Role::Contact(word) => word,
        Role::Student | Role::Teacher | Role::Other | Role::Unsaid => "",
    };
    Ok(Guardian {
        has_court_order: false,
        name: user.read_name().map_err(of)?,
        email: user.read_email().map_err(of)?,
        mobile: user.sms.clone(),
        telephone: telephone::read(&user.phone),
        relationship: relationship.to_owned(),
        source: Some(id_of(user).map_err(of)?),
    })
}

/// A contact without their students' rows: whose contact they are, either may say.
fn listed_contact(user: &User, naming: &HashMap<&str, Vec<&str>>) -> Listed<ListedContact> {
    let mut students = user.agents.clone();
    let others = naming.get(user.id.as_str()).into_iter().flatten();
    students.extend(others.map(|it| (*it).to_owned()));
    Listed {
        line: user.line,
        name: user.name(),
        entry: guardian(user).map(|guardian| ListedContact { guardian, students }),
    }
}

fn listed_class(id: &str, class: &Class, name: &str) -> Result<ListedClass, String> {
    let label =
        |column: &str, text: &str| Label::read(text).map_err(|why| format!("In {column}: {why}"));
    Ok(ListedClass {
        source: Some(read_line(id).map_err(|why| format!("In sourcedId: {why}"))?),
        name: label("title", name)?,
        subject: Some(label("subjects", &class.subject)?),
        teachers: class.teachers.iter().cloned().map(Taker::Listed).collect(),
    })
}
