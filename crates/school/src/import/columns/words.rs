//! The words of headings, as [`super::headings::heading`] has them: without case, accents, spaces and signs.
//!
//! English first, then German, French, Spanish, Italian, Portuguese, Dutch, Finnish and Polish: what means the
//! same in each list where it stands. A word that is something else in another of them is in none.

use super::{Column, Part};

/// What may be the year of a calendar too, where another column names that of the student.
pub(in crate::import::columns) const YEAR: &str = "year";

/// What may be the marks of a student too.
pub(in crate::import) const MARKS: [&str; 2] = ["grade", "grades"];

/// What may be a homeroom or a class that somebody teaches.
pub(in crate::import) const HOMEROOM_OR_CLASS: [&str; 3] = ["class", "classname", "classgroup"];

/// By what first names go that are read only where they are said to be.
pub(in crate::import) const CALLED: [&str; 8] = [
    "preferredname",
    "studentpreferredname",
    "pupilpreferredname",
    "knownas",
    "knownasname",
    "chosenname",
    "nickname",
    "alias",
];

/// Who a student is, in headings that say something of them.
pub(super) const STUDENT: &[&str] = &[
    "student",
    "students",
    "pupil",
    "pupils",
    "learner",
    "learners",
    "child",
    "childs",
    "schuler",
    "schulers",
    "schueler",
    "schuelers",
    "schulerin",
    "schuelerin",
    "eleve",
    "leleve",
    "alumno",
    "alumna",
    "estudiante",
    "alunno",
    "studente",
    "aluno",
    "aluna",
    "estudante",
    "leerling",
    "oppilas",
    "oppilaan",
    "opiskelija",
    "opiskelijan",
    "uczen",
    "ucznia",
];

/// Who stands in a column of whole names.
pub(super) const STUDENT_ALONE: &[&str] = &[
    "student",
    "pupil",
    "learner",
    "child",
    "schuler",
    "schueler",
    "schulerin",
    "schuelerin",
    "eleve",
    "alumno",
    "alumna",
    "alumnoa",
    "estudiante",
    "alunno",
    "studente",
    "aluno",
    "aluna",
    "alunoa",
    "estudante",
    "leerling",
    "oppilas",
    "opiskelija",
    "uczen",
];

/// A whole name, behind who has it.
pub(super) const WHOLE: &[&str] = &[
    "name",
    "fullname",
    "lastfirst",
    "namelastfirst",
    "displayname",
    "preferredfullname",
    "nombrecompleto",
    "nombreyapellidos",
    "prenometnom",
    "imieinazwisko",
    "koknimi",
];

/// A first name, of whomever the list is.
pub(super) const FIRST: &[&str] = &[
    "firstname",
    "firstnames",
    "forename",
    "forenames",
    "givenname",
    "givennames",
    "vorname",
    "vornamen",
    "prenom",
    "prenoms",
    "nombre",
    "nome",
    "voornaam",
    "voornamen",
    "etunimi",
    "etunimet",
    "imie",
    "imiona",
];

/// A last name, of whomever the list is.
pub(super) const LAST: &[&str] = &[
    "lastname",
    "surname",
    "familyname",
    "nachname",
    "familienname",
    "zuname",
    "nom",
    "nomdefamille",
    "apellidos",
    "cognome",
    "apelido",
    "sobrenome",
    "achternaam",
    "sukunimi",
    "nazwisko",
];

/// The same, where they stand behind who has it alone.
pub(super) const FIRST_OF: &[&str] = &["first", "fn", "fname"];
pub(super) const LAST_OF: &[&str] = &["last", "ln", "lname"];

/// What stands between first and last name: `van der`.
pub(super) const BETWEEN: &[&str] = &[
    "tussenvoegsel",
    "tussenvoegsels",
    "voorvoegsel",
    "voorvoegsels",
];

/// What the authorities call somebody, before [`FIRST`] and [`LAST`].
pub(super) const LEGAL: &[&str] = &["legal"];

/// What somebody wishes to be called, before [`FIRST`] and [`LAST`].
pub(super) const PREFERRED: &[&str] = &["preferred", "chosen", "knownas"];

/// The same in a word.
pub(super) const PREFERRED_FIRST: &[&str] = &["rufname", "roepnaam", "kutsumanimi"];

/// Ids that stand behind who has them.
pub(super) const ID_OF: &[&str] = &[
    "id",
    "uniqueid",
    "externalid",
    "sourcedid",
    "misid",
    "sisid",
    "guid",
];

/// Numbers that stand behind who has them: of a school, or within a class.
pub(super) const NUMBER_OF: &[&str] = &["number", "no", "nr", "num", "code", "ref", "nummer"];

/// Ids of students by themselves, in the order in which one of several is read.
pub(super) const IDS: &[&[&str]] = &[
    &[
        "externalid",
        "misid",
        "sourcedid",
        "arborstudentid",
        "arborid",
    ],
    &["admissionnumber", "admissionno", "admno", "adno"],
    &["upn", "uniquepupilnumber"],
];

/// What is an id of students where there is no other: some call that of the school so.
pub(super) const ID_OR_SCHOOLS: &str = "schoolid";

/// Columns of students that need nobody before them; who may stand there all the same.
pub(super) const OF_STUDENT: &[(Column, &[&str])] = &[
    (
        Column::Form,
        &[
            "homeroom",
            "homeroomname",
            "homegroup",
            "form",
            "formgroup",
            "formname",
            "formclass",
            "tutorgroup",
            "tutorgroupname",
            "reggroup",
            "reg",
            "regform",
            "registrationgroup",
            "registrationform",
            "registration",
            "rollclass",
            "rollgroup",
            "klasse",
            "classe",
            "clase",
            "grupo",
            "grupoclase",
            "turma",
            "klas",
            "stamklas",
            "stamgroep",
            "luokka",
            "klasa",
            "oddzial",
        ],
    ),
    (
        Column::Year,
        &[
            "yeargroup",
            "yeargroupname",
            "yeargroupcode",
            "yeargroupnc",
            "yearlevel",
            "ncyear",
            "ncy",
            "ncyeargroup",
            "currentncyear",
            "nationalcurriculumyear",
            "nationalcurriculumyeargroup",
            "curriculumyear",
            "yeartaughtin",
            "gradelevel",
            "jahrgang",
            "jahrgangsstufe",
            "klassenstufe",
            "schulstufe",
            YEAR,
            "yr",
            "grade",
            "grades",
        ],
    ),
    (
        Column::Classes,
        &[
            "classes",
            "classnames",
            "classcodes",
            "teachinggroups",
            "sets",
        ],
    ),
];

/// Who a guardian is, in headings that say something of them.
pub(super) const GUARDIAN: &[&str] = &[
    "guardian",
    "guardians",
    "contact",
    "contacts",
    "parent",
    "parents",
    "carer",
    "carers",
    "parentcarer",
    "parentguardian",
    "parentorguardian",
    "parentorcarer",
    "parentandcarer",
    "guardianparent",
    "legalguardian",
    "parentcontact",
    "parentalcontact",
    "guardiancontact",
    "prioritycontact",
    "erziehungsberechtigte",
    "erziehungsberechtigter",
    "sorgeberechtigte",
    "sorgeberechtigter",
    "elternteil",
    "eltern",
    "responsable",
    "responsablelegal",
    "representantlegal",
    "tutorlegal",
    "genitore",
    "encarregadodeeducacao",
    "encarregado",
    "ouder",
    "ouders",
    "ouderverzorger",
    "verzorger",
    "huoltaja",
    "huoltajan",
    "rodzic",
    "rodzica",
    "opiekun",
    "opiekuna",
];

/// Of these, several at once: what stands in their column may be more than one.
pub(super) const GUARDIANS: &[&str] = &[
    "guardians",
    "contacts",
    "parents",
    "carers",
    "erziehungsberechtigte",
    "sorgeberechtigte",
    "eltern",
    "ouders",
];

/// What is said of a guardian, behind who it is or before.
pub(super) const OF_GUARDIAN: &[(Part, &[&str])] = &[
    (
        Part::Name,
        &[
            "name",
            "fullname",
            "displayname",
            "lastfirst",
            "nimi",
            "naam",
        ],
    ),
    (Part::First, FIRST),
    (Part::Last, LAST),
    (Part::Between, BETWEEN),
    (
        Part::Id,
        &[
            "id",
            "externalid",
            "personid",
            "uniqueid",
            "sourcedid",
            "guid",
            "misid",
        ],
    ),
    (Part::Email, EMAIL),
    (
        Part::Email,
        &[
            "emails",
            "personalemail",
            "personalemailaddress",
            "homeemailaddress",
            "primaryemailaddress",
            "mainemail",
            "mainemailaddress",
            "defaultemail",
            "defaultemailaddress",
            "preferredemail",
            "emailhome",
            "emailpersonal",
            "emailprimary",
            "emailmain",
            "emaildefault",
        ],
    ),
    (Part::Mobile, MOBILE),
    (Part::Telephone, TELEPHONE),
    (Part::Relationship, RELATIONSHIP),
    (Part::CourtOrder, &["courtorder"]),
];

/// The same where nobody stands before it: it is the first guardian's.
pub(super) const ALONE: &[(Part, &[&str])] = &[
    (Part::Email, EMAIL),
    (Part::Mobile, MOBILE),
    (Part::Telephone, TELEPHONE),
    (Part::Relationship, RELATIONSHIP),
    (Part::CourtOrder, &["courtorder"]),
];

/// Addresses that say nothing of whose they are.
pub(super) const EMAIL: &[&str] = &[
    "email",
    "emailaddress",
    "emailaddresses",
    "mail",
    "homeemail",
    "primaryemail",
    "emailadresse",
    "mailadresse",
    "adresseemail",
    "adressemail",
    "adresseelectronique",
    "courriel",
    "correo",
    "correoelectronico",
    "indirizzoemail",
    "correioeletronico",
    "emailadres",
    "sahkoposti",
    "sahkopostiosoite",
    "adresemail",
];

/// Addresses that are read where the guardian has no other.
pub(super) const SECOND_EMAIL: &[&str] = &[
    "workemail",
    "workemailaddress",
    "businessemail",
    "emailwork",
    "alternativeemail",
    "alternateemail",
    "secondaryemail",
    "otheremail",
];

const MOBILE: &[&str] = &[
    "mobile",
    "mobilenumber",
    "mobileno",
    "mobilephone",
    "mobilephonenumber",
    "mobiletelephone",
    "mobiletelephonenumber",
    "primarymobile",
    "phonemobile",
    "telephonemobile",
    "cell",
    "cellphone",
    "cellnumber",
    "cellphonenumber",
    "phonecell",
    "handy",
    "handynummer",
    "mobil",
    "mobilnummer",
    "mobiltelefon",
    "portable",
    "telephoneportable",
    "movil",
    "telefonomovil",
    "cellulare",
    "telemovel",
    "celular",
    "mobiel",
    "mobielnummer",
    "mobieletelefoon",
    "matkapuhelin",
    "matkapuhelinnumero",
    "telefonkomorkowy",
];

const TELEPHONE: &[&str] = &[
    "telephone",
    "telephonenumber",
    "tel",
    "telno",
    "phone",
    "phonenumber",
    "phoneno",
    "hometelephone",
    "hometelephonenumber",
    "homephone",
    "homephonenumber",
    "telephonehome",
    "phonehome",
    "maintelephone",
    "mainphone",
    "primaryphone",
    "landline",
    "telefon",
    "telefonnummer",
    "festnetz",
    "telefono",
    "telefone",
    "telefoon",
    "telefoonnummer",
    "puhelin",
    "puhelinnumero",
];

const RELATIONSHIP: &[&str] = &[
    "relationship",
    "relation",
    "relationshiptype",
    "relationtype",
    "relationshiptostudent",
    "relationshiptopupil",
    "relationshiptochild",
    "relationshiptolearner",
];

/// What stands before the rest of a heading in place of a guardian's number, or behind it; that number, and what
/// such a guardian is to the student.
pub(super) const KIN: &[(&str, u8, &str)] = &[
    ("mothers", 1, "Mother"),
    ("mother", 1, "Mother"),
    ("fathers", 2, "Father"),
    ("father", 2, "Father"),
    ("mutter", 1, "Mutter"),
    ("vater", 2, "Vater"),
    ("mere", 1, "Mère"),
    ("pere", 2, "Père"),
    ("madre", 1, "Madre"),
    ("padre", 2, "Padre"),
    ("mae", 1, "Mãe"),
    ("pai", 2, "Pai"),
    ("moeder", 1, "Moeder"),
    ("vader", 2, "Vader"),
    ("aidin", 1, "Äiti"),
    ("aiti", 1, "Äiti"),
    ("isan", 2, "Isä"),
    ("isa", 2, "Isä"),
    ("matka", 1, "Matka"),
    ("matki", 1, "Matka"),
    ("ojciec", 2, "Ojciec"),
    ("ojca", 2, "Ojciec"),
];

/// What stands before who a guardian is, in place of their number.
pub(super) const FIRST_OR_SECOND: &[(&str, u8)] = &[
    ("primary", 1),
    ("secondary", 2),
    ("first", 1),
    ("second", 2),
];

/// What begins headings that are the second guardian's where they name one so, or a second of the first.
pub(super) const SECONDARY: &str = "secondary";

/// What stands between what is said of somebody and who they are.
pub(super) const OF: &[&str] = &[
    "of", "ofthe", "des", "der", "du", "dela", "del", "de", "della", "do", "da", "van",
];
