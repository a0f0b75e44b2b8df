//! Headings in other languages than English, and what is asked where a word means several things (DIR-1).

use school::import::{List, Unreadable, read};

use crate::headings::says;

#[test]
fn german_and_dutch_lists_are_read() {
    says(&[
        (
            "Nachname;Vorname;Klasse;Mutter;E-Mail Mutter;Handy Mutter;Vater;E-Mail Vater",
            "Kim;Mia;4b;Anna Kim;a@x.example;07700 900001;Bob Kim;b@x.example",
            "Mia Kim  4b Anna Kim:Mutter:a@x.example:07700 900001 Bob Kim:Vater:b@x.example:",
        ),
        (
            "Name;Vorname;Klasse;Elternteil 1 Name;Elternteil 1 E-Mail;Elternteil 1 Mobil",
            "Kim;Mia;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Schüler/in;Klasse;Erziehungsberechtigter 1;E-Mail-Adresse;Telefonnummer",
            "Mia Kim;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Schülernummer;Schüler Nachname;Schüler Vorname;Rufname;Klasse",
            "12;Kim;Michaela;Mia;4b",
            "Mia Kim 12 4b ",
        ),
        (
            "Roepnaam;Voornamen;Tussenvoegsel;Achternaam;Stamklas;Ouder/verzorger 1;E-mailadres ouder/verzorger 1",
            "Mia;Maria;van der;Berg;4b;Anna Berg;a@x.example",
            "Mia van der Berg  4b Anna Berg::a@x.example:",
        ),
        (
            "Leerling;Klas;Moeder;E-mail moeder;Mobiel moeder",
            "Mia Kim;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim:Moeder:a@x.example:07700 900001",
        ),
    ]);
}

#[test]
fn french_spanish_italian_and_portuguese_lists_are_read() {
    says(&[
        (
            "Nom;Prénom;Classe;Responsable légal 1;Courriel responsable légal 1;Téléphone portable",
            "Kim;Mia;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Nom de l'élève;Prénom de l'élève;Classe;Nom de la mère;Prénom de la mère;Adresse e-mail de la mère",
            "Kim;Mia;4b;Kim;Anna;a@x.example",
            "Mia Kim  4b Anna Kim:Mère:a@x.example:",
        ),
        (
            "Alumno;Grupo;Madre;Correo electrónico de la madre;Teléfono móvil de la madre",
            "Mia Kim;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim:Madre:a@x.example:07700 900001",
        ),
        (
            "Nombre;Apellidos;Grupo;Padre;Correo electrónico del padre",
            "Mia;Kim;4b;Bob Kim;b@x.example",
            "Mia Kim  4b Bob Kim:Padre:b@x.example:",
        ),
        (
            "Cognome;Nome;Classe;Genitore 1;Email genitore 1;Cellulare genitore 1",
            "Kim;Mia;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Aluno;Turma;Encarregado de Educação;Telemóvel;Email",
            "Mia Kim;4b;Anna Kim;07700 900001;a@x.example",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
    ]);
}

#[test]
fn finnish_and_polish_lists_are_read() {
    says(&[
        (
            "Sukunimi;Etunimet;Kutsumanimi;Luokka;Huoltaja 1;Huoltajan 1 sähköposti;Huoltajan 1 matkapuhelin",
            "Kim;Maria Mia;Mia;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Oppilas;Luokka;Äiti;Äidin sähköposti;Isä;Isän sähköposti",
            "Mia Kim;4b;Anna Kim;a@x.example;Bob Kim;b@x.example",
            "Mia Kim  4b Anna Kim:Äiti:a@x.example: Bob Kim:Isä:b@x.example:",
        ),
        (
            "Imię;Nazwisko;Klasa;Rodzic 1;Adres e-mail rodzica 1;Telefon komórkowy rodzica 1",
            "Mia;Kim;4b;Anna Kim;a@x.example;07700 900001",
            "Mia Kim  4b Anna Kim::a@x.example:07700 900001",
        ),
        (
            "Uczeń;Oddział;Matka;E-mail matki",
            "Mia Kim;4b;Anna Kim;a@x.example",
            "Mia Kim  4b Anna Kim:Matka:a@x.example:",
        ),
    ]);
}

#[test]
fn what_may_be_read_wrongly_is_asked_about() {
    for (headings, row) in [
        ("Nom;Classe", "Kim Mia;4b"),
        ("Nachname;Klasse", "Kim;4b"),
        ("Nombre;Grupo", "Mia Kim;4b"),
        ("Nome do aluno;Turma", "Mia Kim;4b"),
        ("Nazwisko i imię;Klasa", "Kim Mia;4b"),
        ("Apellidos y nombre;Grupo", "Kim Mia;4b"),
        (
            "Schüler;Klasse;Eltern;E-Mail Eltern",
            "Mia Kim;4b;Anna und Bob Kim;a@x.example",
        ),
        (
            "Alumno;Grupo;Tutor;Correo del tutor",
            "Mia Kim;4b;Ana Roe;r@x.example",
        ),
        // Between the columns of students an address is theirs, or a guardian's.
        (
            "Nombre;Apellidos;Correo electrónico;Padre",
            "Mia;Kim;m@x.example;Bob Kim",
        ),
    ] {
        let why = read(format!("{headings}\n{row}\n").as_bytes());
        let is_asked = why.as_ref().is_err_and(Unreadable::is_about_columns);
        assert!(is_asked, "{headings}: {why:?}");
    }
}

#[test]
fn teachers_and_classes_are_no_students() {
    for (headings, list) in [
        ("Nachname;Vorname;Kürzel", List::Teachers),
        ("Lehrer;Kürzel", List::Teachers),
        ("Klasse;Fach;Lehrer", List::Classes),
    ] {
        let table = read(format!("{headings}\nRoe;Ada;R\n").as_bytes());
        assert_eq!(table.map(|it| it.list), Ok(list), "{headings}");
    }
    let table = read("Schüler;Klasse;Lehrer\nMia Kim;4b;Ada Roe\n".as_bytes());
    assert_eq!(table.map(|it| it.list), Ok(List::Students));
}
