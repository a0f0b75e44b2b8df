//! What comes from one record to another, and goes back: statements with the school as `$1`, the record
//! that goes as `$2` and the one that stays as `$3`.

/// The rows of one kind that came from `$2`.
macro_rules! moved {
    ($kind:literal) => {
        concat!(
            " IN (SELECT id FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = '",
            $kind,
            "')"
        )
    };
}

/// What the office was asked, or has decided, of whoever may be `$2` is of `$3`: before an order on the
/// one is entered on the other.
pub(super) const DECIDED: &[&str] = &[
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'approval', invitation FROM approvals
     WHERE school = $1 AND contact = $2 AND $3 = $3",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, may_be, 'held', id FROM call_guests
     WHERE school = $1 AND may_be = $2 AND $3 = $3",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, may_be, 'door', id FROM held_at_doors
     WHERE school = $1 AND may_be = $2 AND $3 = $3",
    concat!(
        "UPDATE approvals SET contact = $3 WHERE school = $1 AND contact = $2 AND invitation",
        moved!("approval")
    ),
    concat!(
        "UPDATE call_guests SET may_be = $3 WHERE school = $1 AND may_be = $2 AND id",
        moved!("held")
    ),
    concat!(
        "UPDATE held_at_doors SET may_be = $3 WHERE school = $1 AND may_be = $2 AND id",
        moved!("door")
    ),
    // Whoever may be $2 may be $3.
    "UPDATE contacts SET may_be = $3 WHERE school = $1 AND may_be = $2 AND id <> $3",
    // Who is not $2, and whom $2 is not: of $3 it is decided by the way, as long as they are one.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT DISTINCT school, $2, 'apart', contact FROM two_people
     WHERE school = $1 AND barred = $2 AND contact <> $3 AND contact NOT IN (
       SELECT contact FROM two_people WHERE school = $1 AND barred = $3)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT DISTINCT school, $2, 'cleared', barred FROM two_people
     WHERE school = $1 AND contact = $2 AND barred <> $3 AND barred NOT IN (
       SELECT barred FROM two_people WHERE school = $1 AND contact = $3)",
    "INSERT INTO two_people (school, barred, contact, barred_name_key, barred_email_key, name_key,
       email_key, decided_at)
     SELECT DISTINCT told.school, $3, told.contact, known.name_key, known.email_key, told.name_key,
       told.email_key, told.decided_at
     FROM two_people AS told
     JOIN known_as AS known ON known.school = told.school AND known.contact IN ($2, $3)
     WHERE told.school = $1 AND told.barred IN ($2, $3) AND told.contact NOT IN ($2, $3)
     ON CONFLICT DO NOTHING",
    // What they were called before is looked at without an address.
    "INSERT INTO two_people (school, barred, contact, barred_name_key, barred_email_key, name_key,
       email_key, decided_at)
     SELECT DISTINCT told.school, told.barred, $3, told.barred_name_key, told.barred_email_key,
       known.name_key, known.email_key, told.decided_at
     FROM two_people AS told
     JOIN (SELECT school, contact, name_key, email_key FROM known_as
         UNION SELECT school, contact, name_key, '' FROM known_as) AS known
       ON known.school = told.school AND known.contact IN ($2, $3)
     WHERE told.school = $1 AND told.contact IN ($2, $3) AND told.barred NOT IN ($2, $3)
     ON CONFLICT DO NOTHING",
];

/// By what `$3` is reached from now on that `$2` has and they have not, written down and taken over: before
/// anything else, which may go by it.
pub(super) const CARRIED: &[&str] = &[
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT contacts.school, contacts.id, 'email', contacts.id FROM contacts
     JOIN contacts AS theirs ON theirs.school = contacts.school AND theirs.id = $3
       AND theirs.email IS NULL
     WHERE contacts.school = $1 AND contacts.id = $2 AND contacts.email IS NOT NULL",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT contacts.school, contacts.id, 'mobile', contacts.id FROM contacts
     JOIN contacts AS theirs ON theirs.school = contacts.school AND theirs.id = $3
       AND theirs.mobile IS NULL
     WHERE contacts.school = $1 AND contacts.id = $2 AND contacts.mobile IS NOT NULL",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT holders.school, holders.id, 'language', holders.id FROM holders
     JOIN holders AS theirs ON theirs.school = holders.school AND theirs.id = $3
       AND theirs.language IS NULL
     WHERE holders.school = $1 AND holders.id = $2 AND holders.language IS NOT NULL",
    "UPDATE contacts SET
       email = (SELECT theirs.email FROM contacts AS theirs
         WHERE theirs.school = $1 AND theirs.id = $2),
       email_key = (SELECT theirs.email_key FROM contacts AS theirs
         WHERE theirs.school = $1 AND theirs.id = $2)
     WHERE school = $1 AND id = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'email')",
    "UPDATE contacts SET mobile = (SELECT theirs.mobile FROM contacts AS theirs
       WHERE theirs.school = $1 AND theirs.id = $2)
     WHERE school = $1 AND id = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'mobile')",
    "UPDATE holders SET language = (SELECT theirs.language FROM holders AS theirs
       WHERE theirs.school = $1 AND theirs.id = $2)
     WHERE school = $1 AND id = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'language')",
];

/// What of `$2` comes to `$3`, written down: no row that would stand beside the like of it.
pub(super) const TAKEN: &[&str] = &[
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'guardian', student FROM guardians
     WHERE school = $1 AND contact = $2 AND $3 = $3",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'student', student FROM guardians
     WHERE school = $1 AND contact = $2 AND student NOT IN (
       SELECT student FROM guardians WHERE school = $1 AND contact = $3)",
    // What clashes is over, or the deed was refused: it stays with whom it was booked by.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, parent, 'booking', id FROM bookings
     WHERE school = $1 AND parent = $2 AND NOT EXISTS (
       SELECT 1 FROM bookings AS theirs
       WHERE theirs.school = $1 AND theirs.parent = $3 AND theirs.evening = bookings.evening
         AND theirs.cancelled_at IS NULL AND bookings.cancelled_at IS NULL
         AND (theirs.slot = bookings.slot
           OR (theirs.student = bookings.student AND theirs.class = bookings.class)))
       AND NOT EXISTS (
         SELECT 1 FROM bookings AS theirs
         WHERE theirs.school = $1 AND theirs.parent = $3 AND theirs.attempt = bookings.attempt
           AND theirs.student = bookings.student AND theirs.class = bookings.class)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, inviter, 'invitation', id FROM invitations
     WHERE school = $1 AND inviter = $2 AND NOT EXISTS (
       SELECT 1 FROM coverage
       JOIN coverage AS theirs ON theirs.school = coverage.school
         AND theirs.evening = coverage.evening AND theirs.student = coverage.student
         AND theirs.inviter = $3
       WHERE coverage.school = $1 AND coverage.invitation = invitations.id)
       AND NOT EXISTS (
         SELECT 1 FROM invitations AS theirs
         WHERE theirs.school = $1 AND theirs.inviter = $3
           AND theirs.attempt = invitations.attempt)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, holder, 'link', id FROM links
     WHERE school = $1 AND holder = $2 AND withdrawn_at IS NULL AND scope NOT IN (
       SELECT scope FROM links WHERE school = $1 AND holder = $3 AND withdrawn_at IS NULL)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, holder, 'meeting', meeting FROM entitled
     WHERE school = $1 AND holder = $2
       AND meeting NOT IN (SELECT meeting FROM entitled WHERE school = $1 AND holder = $3)
       AND meeting NOT IN (
         SELECT meeting FROM bookings WHERE school = $1 AND parent = $2
           AND id NOT IN (SELECT id FROM joined_rows
             WHERE school = $1 AND gone = $2 AND kind = 'booking'))",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, inviter, 'visit', id FROM call_guests
     WHERE school = $1 AND inviter = $2 AND $3 = $3",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, inviter, 'wish', id FROM named_parents
     WHERE school = $1 AND inviter = $2 AND $3 = $3",
    // An invitation to register is good at its address alone.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'registration', contact FROM registrations
     WHERE school = $1 AND contact = $2
       AND email_key IN (SELECT email_key FROM contacts WHERE school = $1 AND id = $3)
       AND NOT EXISTS (SELECT 1 FROM registrations AS theirs
         WHERE theirs.school = $1 AND theirs.contact = $3)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'account', account FROM account_contacts
     WHERE school = $1 AND contact = $2 AND NOT EXISTS (
       SELECT 1 FROM account_contacts AS theirs
       WHERE theirs.school = $1 AND theirs.contact = $3)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'details', contact FROM contact_details
     WHERE school = $1 AND contact = $2 AND NOT EXISTS (
       SELECT 1 FROM contact_details AS theirs
       WHERE theirs.school = $1 AND theirs.contact = $3)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'name', id FROM said_names
     WHERE school = $1 AND contact = $2 AND NOT EXISTS (
       SELECT 1 FROM said_names AS theirs
       WHERE theirs.school = $1 AND theirs.contact = $3
         AND theirs.student IS NOT DISTINCT FROM said_names.student)",
    // They go on with one address, and of $3 the records have said no other.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT contacts.school, contacts.id, 'beside', contacts.id FROM contacts
     JOIN contacts AS theirs ON theirs.school = contacts.school AND theirs.id = $3
       AND theirs.email_key = contacts.email_key
     WHERE contacts.school = $1 AND contacts.id = $2 AND NOT EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'email')
       AND NOT EXISTS (
         SELECT 1 FROM said_otherwise
         WHERE school = $1 AND contact = $3 AND what <> 'mobile')",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, $2, 'alias', gone FROM joined_records
     WHERE school = $1 AND kept = $2 AND $3 = $3",
    // Whose guardian $3 is not, as decided: that ends where they come to be so by $2, and is theirs else.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, $2, 'on', student FROM kept_apart
     WHERE school = $1 AND contact = $3 AND student IN (
       SELECT student FROM guardians WHERE school = $1 AND contact = $2)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, $2, 'own', student FROM kept_apart
     WHERE school = $1 AND contact = $3 AND student NOT IN (
       SELECT student FROM guardians WHERE school = $1 AND contact = $2)",
    // Whose guardian $2 is not: neither is $3, who is not one by their own record.
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, contact, 'off', student FROM kept_apart
     WHERE school = $1 AND contact = $2
       AND student NOT IN (SELECT student FROM guardians WHERE school = $1 AND contact = $2)
       AND student NOT IN (SELECT student FROM guardians WHERE school = $1 AND contact = $3)
       AND student NOT IN (SELECT student FROM former_guardians WHERE school = $1 AND contact = $3)
       AND student NOT IN (SELECT student FROM kept_apart WHERE school = $1 AND contact = $3)",
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT contacts.school, contacts.id, 'stays', contacts.id FROM contacts
     JOIN contacts AS theirs ON theirs.school = contacts.school AND theirs.id = $3
       AND theirs.stays = 0
     WHERE contacts.school = $1 AND contacts.id = $2 AND contacts.stays = 1",
];

/// What was written down comes from `$2` to `$3`.
pub(super) const MOVED: &[&str] = &[
    "INSERT INTO guardians (school, contact, student, relationship, from_source)
     SELECT school, $3, student, relationship, from_source FROM guardians
     WHERE school = $1 AND contact = $2 ON CONFLICT DO NOTHING",
    concat!(
        "UPDATE bookings SET parent = $3 WHERE school = $1 AND id",
        moved!("booking")
    ),
    concat!(
        "UPDATE invitations SET inviter = $3, ordinal = ordinal + (
           SELECT COALESCE(MAX(theirs.ordinal), 0) FROM invitations AS theirs
           WHERE theirs.school = $1 AND theirs.evening = invitations.evening
             AND theirs.inviter = $3)
         WHERE school = $1 AND id",
        moved!("invitation")
    ),
    concat!(
        "UPDATE coverage SET inviter = $3 WHERE school = $1 AND invitation",
        moved!("invitation")
    ),
    concat!(
        "UPDATE consents SET inviter = $3 WHERE school = $1 AND invitation",
        moved!("invitation")
    ),
    concat!(
        "UPDATE links SET holder = $3 WHERE school = $1 AND id",
        moved!("link")
    ),
    concat!(
        "UPDATE entitled SET holder = $3 WHERE school = $1 AND holder = $2 AND meeting",
        moved!("meeting")
    ),
    concat!(
        "UPDATE call_guests SET inviter = $3 WHERE school = $1 AND id",
        moved!("visit")
    ),
    concat!(
        "UPDATE named_parents SET inviter = $3 WHERE school = $1 AND id",
        moved!("wish")
    ),
    concat!(
        "UPDATE registrations SET contact = $3 WHERE school = $1 AND contact",
        moved!("registration")
    ),
    concat!(
        "UPDATE registration_links SET contact = $3 WHERE school = $1 AND contact",
        moved!("registration")
    ),
    concat!(
        "INSERT INTO account_contacts (school, contact, account)
         SELECT school, $3, account FROM account_contacts
         WHERE school = $1 AND contact = $2 AND account",
        moved!("account"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "INSERT INTO contact_details (school, contact, telephone, language, school_telephone,
           families_email, families_telephone, given_at, accepted_beside)
         SELECT school, $3, telephone, language, school_telephone, families_email,
           families_telephone, given_at, accepted_beside
         FROM contact_details WHERE school = $1 AND contact",
        moved!("details"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "INSERT INTO households (school, contact, student)
         SELECT school, $3, student FROM households WHERE school = $1 AND contact",
        moved!("details"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "INSERT INTO said_otherwise (school, contact, what, own, records, accepted_beside, said_at)
         SELECT school, $3, what, own, records, accepted_beside, said_at
         FROM said_otherwise WHERE school = $1 AND contact",
        moved!("email"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "INSERT INTO said_otherwise (school, contact, what, own, records, accepted_beside, said_at)
         SELECT school, $3, what, own, records, accepted_beside, said_at
         FROM said_otherwise WHERE school = $1 AND contact",
        moved!("beside"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "UPDATE said_names SET contact = $3 WHERE school = $1 AND id",
        moved!("name")
    ),
    // Whoever reads at the same address has read of the same appointments.
    concat!(
        "UPDATE told SET holder = $3 WHERE school = $1 AND holder = $2 AND booking",
        moved!("booking"),
        " AND (SELECT email_key FROM contacts WHERE school = $1 AND id = $2)
            = (SELECT email_key FROM contacts WHERE school = $1 AND id = $3)"
    ),
    "UPDATE joined_records SET kept = $3 WHERE school = $1 AND kept = $2",
    concat!(
        "DELETE FROM kept_apart WHERE school = $1 AND contact = $3 AND student",
        moved!("on")
    ),
    concat!(
        "INSERT INTO kept_apart (school, contact, student)
         SELECT school, $3, student FROM kept_apart
         WHERE school = $1 AND contact = $2 AND student",
        moved!("off"),
        " ON CONFLICT DO NOTHING"
    ),
    "UPDATE contacts SET stays = 1 WHERE school = $1 AND id = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'stays')",
];

/// What is left of `$2` is kept aside.
pub(super) const SET_ASIDE: &[&str] = &[
    "INSERT INTO former_guardians (school, contact, student, relationship, from_source)
     SELECT school, contact, student, relationship, from_source FROM guardians
     WHERE school = $1 AND contact = $2 ON CONFLICT DO NOTHING",
    "DELETE FROM guardians WHERE school = $1 AND contact = $2",
];

/// What came from `$2` to `$3` goes back, as far as it is there.
pub(super) const RETURNED: &[&str] = &[
    concat!(
        "DELETE FROM two_people WHERE school = $1 AND barred = $3 AND contact",
        moved!("apart")
    ),
    concat!(
        "DELETE FROM two_people WHERE school = $1 AND contact = $3 AND barred",
        moved!("cleared")
    ),
    // Off whom the office has taken them while they were one, both are: who was meant is not known.
    concat!(
        "INSERT INTO kept_apart (school, contact, student)
         SELECT school, $2, student FROM kept_apart
         WHERE school = $1 AND contact = $3 AND student NOT",
        moved!("off"),
        " AND student NOT",
        moved!("own"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "DELETE FROM kept_apart WHERE school = $1 AND contact = $3 AND student",
        moved!("off")
    ),
    concat!(
        "INSERT INTO guardians (school, contact, student, relationship, from_source)
         SELECT school, contact, student, relationship, from_source FROM former_guardians
         WHERE school = $1 AND contact = $2 AND student NOT IN (
           SELECT student FROM kept_apart WHERE school = $1 AND contact = $2)
           AND $3 = $3 AND student",
        moved!("guardian"),
        " ON CONFLICT DO NOTHING"
    ),
    concat!(
        "DELETE FROM former_guardians WHERE school = $1 AND contact = $2 AND $3 = $3 AND student",
        moved!("guardian")
    ),
    concat!(
        "DELETE FROM guardians WHERE school = $1 AND contact = $3 AND student",
        moved!("student")
    ),
    concat!(
        "INSERT INTO kept_apart (school, contact, student)
         SELECT school, $3, id FROM students WHERE school = $1 AND id NOT IN (
           SELECT student FROM guardians WHERE school = $1 AND contact = $3) AND id",
        moved!("on"),
        " ON CONFLICT DO NOTHING"
    ),
    "UPDATE contacts SET stays = 0 WHERE school = $1 AND id = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'stays')",
    concat!(
        "UPDATE bookings SET parent = $2 WHERE school = $1 AND parent = $3 AND id",
        moved!("booking")
    ),
    concat!(
        "UPDATE invitations SET inviter = $2, ordinal = ordinal + (
           SELECT COALESCE(MAX(theirs.ordinal), 0) FROM invitations AS theirs
           WHERE theirs.school = $1 AND theirs.evening = invitations.evening
             AND theirs.inviter = $2)
         WHERE school = $1 AND inviter = $3 AND id",
        moved!("invitation")
    ),
    concat!(
        "UPDATE coverage SET inviter = $2 WHERE school = $1 AND inviter = $3 AND invitation",
        moved!("invitation")
    ),
    concat!(
        "UPDATE consents SET inviter = $2 WHERE school = $1 AND inviter = $3 AND invitation",
        moved!("invitation")
    ),
    concat!(
        "UPDATE links SET holder = $2 WHERE school = $1 AND holder = $3 AND id",
        moved!("link")
    ),
    concat!(
        "UPDATE entitled SET holder = $2 WHERE school = $1 AND holder = $3 AND meeting",
        moved!("meeting")
    ),
    concat!(
        "UPDATE call_guests SET inviter = $2 WHERE school = $1 AND inviter = $3 AND id",
        moved!("visit")
    ),
    concat!(
        "UPDATE named_parents SET inviter = $2 WHERE school = $1 AND inviter = $3 AND id",
        moved!("wish")
    ),
    concat!(
        "UPDATE approvals SET contact = $2 WHERE school = $1 AND contact = $3 AND invitation",
        moved!("approval")
    ),
    concat!(
        "UPDATE call_guests SET may_be = $2 WHERE school = $1 AND may_be = $3 AND id",
        moved!("held")
    ),
    concat!(
        "UPDATE held_at_doors SET may_be = $2 WHERE school = $1 AND may_be = $3 AND id",
        moved!("door")
    ),
    "UPDATE registrations SET contact = $2 WHERE school = $1 AND contact = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'registration')",
    "UPDATE registration_links SET contact = $2 WHERE school = $1 AND contact = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'registration')",
    concat!(
        "DELETE FROM account_contacts WHERE school = $1 AND contact = $3 AND account",
        moved!("account")
    ),
    concat!(
        "UPDATE said_names SET contact = $2 WHERE school = $1 AND contact = $3 AND id",
        moved!("name")
    ),
    // What they have said since then is theirs.
    concat!(
        "DELETE FROM households WHERE school = $1 AND contact = $3 AND EXISTS (
           SELECT 1 FROM contact_details AS own
           JOIN contact_details AS theirs ON theirs.school = own.school
             AND theirs.given_at = own.given_at
           WHERE own.school = $1 AND own.contact = $3 AND theirs.contact",
        moved!("details"),
        ")"
    ),
    concat!(
        "DELETE FROM contact_details WHERE school = $1 AND contact = $3 AND given_at IN (
           SELECT theirs.given_at FROM contact_details AS theirs
           WHERE theirs.school = $1 AND theirs.contact",
        moved!("details"),
        ")"
    ),
    concat!(
        "UPDATE told SET holder = $2 WHERE school = $1 AND holder = $3 AND booking",
        moved!("booking"),
        " AND NOT EXISTS (SELECT 1 FROM told AS theirs WHERE theirs.school = $1
            AND theirs.holder = $2 AND theirs.booking = told.booking)
          AND (SELECT email_key FROM contacts WHERE school = $1 AND id = $2)
            = (SELECT email_key FROM contacts WHERE school = $1 AND id = $3)"
    ),
    concat!(
        "UPDATE joined_records SET kept = $2 WHERE school = $1 AND kept = $3 AND gone",
        moved!("alias")
    ),
    concat!(
        "DELETE FROM said_otherwise WHERE school = $1 AND contact = $3 AND said_at IN (
           SELECT theirs.said_at FROM said_otherwise AS theirs
           WHERE theirs.school = $1 AND theirs.contact",
        moved!("beside"),
        ")"
    ),
    // What the office has entered in its place since is theirs.
    "DELETE FROM said_otherwise WHERE school = $1 AND contact = $3 AND own = (
       SELECT theirs.email FROM contacts AS theirs WHERE theirs.school = $1 AND theirs.id = $2)
       AND EXISTS (
         SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'email')",
    "UPDATE contacts SET email = NULL, email_key = NULL WHERE school = $1 AND id = $3
       AND email_key = (SELECT theirs.email_key FROM contacts AS theirs
         WHERE theirs.school = $1 AND theirs.id = $2)
       AND EXISTS (
         SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'email')",
    "UPDATE contacts SET mobile = NULL WHERE school = $1 AND id = $3
       AND mobile = (SELECT theirs.mobile FROM contacts AS theirs
         WHERE theirs.school = $1 AND theirs.id = $2)
       AND EXISTS (
         SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'mobile')",
    "UPDATE holders SET language = NULL WHERE school = $1 AND id = $3
       AND language = (SELECT theirs.language FROM holders AS theirs
         WHERE theirs.school = $1 AND theirs.id = $2)
       AND EXISTS (
         SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'language')",
];

/// Whether an address or a number came from `$2`.
macro_rules! carried {
    ($($kind:literal),+) => {
        concat!(
            " EXISTS (SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind IN (''",
            $(", '", $kind, "'",)+
            "))"
        )
    };
}

/// The address that `$3` has by whoever was sent a text at the number that came from `$2`, since `$4`: said
/// by a link, and by no one in the office. `$5` is `$3` as who does something, and `$6` what they did.
pub(super) const SAID_SINCE: &str = concat!(
    "INSERT INTO joined_rows (school, gone, kind, id)
     SELECT school, $2, 'said', id FROM contacts WHERE school = $1 AND id = $3 AND",
    carried!("mobile"),
    " AND email IN (SELECT email FROM registration_links
         WHERE school = $1 AND contact = $3 AND is_mailed = 1 AND sent_at >= $4)
       AND EXISTS (SELECT 1 FROM audit
         WHERE school = $1 AND actor = $5 AND action = $6 AND at >= $4)"
);

/// What whoever reads at the address or number that came from `$2` has of `$3`, since `$4`.
pub(super) const READ_SINCE: &[&str] = &[
    concat!(
        "DELETE FROM account_contacts WHERE school = $1 AND contact = $3 AND account IN (
           SELECT id FROM accounts WHERE school = $1 AND (created_at >= $4
             OR email_key = (SELECT email_key FROM contacts WHERE school = $1 AND id = $2)))
         AND",
        carried!("email", "mobile")
    ),
    // A letter from before goes on at the address of the records: what was sent there is theirs.
    concat!(
        "DELETE FROM registration_links WHERE school = $1 AND contact = $3 AND (sent_at >= $4
           OR email = (SELECT email FROM contacts WHERE school = $1 AND id = $2))
         AND",
        carried!("email", "mobile")
    ),
];

/// What waits to be sent there.
pub(super) const WAITING_SINCE: &str =
    "DELETE FROM mail WHERE school = $1 AND holder = $3 AND state IN ('queued', 'sending')
       AND address IN (
         SELECT CASE kind WHEN 'email' THEN theirs.email WHEN 'mobile' THEN theirs.mobile
           ELSE own.email END
         FROM joined_rows
         JOIN contacts AS theirs ON theirs.school = joined_rows.school AND theirs.id = $2
         JOIN contacts AS own ON own.school = joined_rows.school AND own.id = $3
         WHERE joined_rows.school = $1 AND gone = $2 AND kind IN ('email', 'mobile', 'said'))";

/// The address that was said is not that of `$3`: after [`READ_BY_BOTH`], which goes by it.
pub(super) const UNSAID: &str = concat!(
    "UPDATE contacts SET email = NULL, email_key = NULL WHERE school = $1 AND id = $3 AND",
    carried!("said")
);

/// An invitation of `$3` that was sent since `$4` is over at `$5`: they may be invited again.
pub(super) const INVITED_SINCE: &str = concat!(
    "UPDATE registrations SET until_at = $5
     WHERE school = $1 AND contact = $3 AND sent_at >= $4 AND until_at > $5 AND",
    carried!("email", "mobile")
);

/// Links that both may have read end where they do not read the same e-mails: those that came over and go
/// back, and where an account or an address came over, or was said, those of `$3` that were read by it. `$4` is now.
pub(super) const READ_BY_BOTH: &str = "UPDATE links SET withdrawn_at = $4
 WHERE school = $1 AND withdrawn_at IS NULL
   AND (SELECT email_key FROM contacts WHERE school = $1 AND id = $2)
     IS DISTINCT FROM (SELECT email_key FROM contacts WHERE school = $1 AND id = $3)
   AND ((holder = $2 AND id IN (
       SELECT id FROM joined_rows WHERE school = $1 AND gone = $2 AND kind = 'link'))
     OR (holder = $3 AND EXISTS (
       SELECT 1 FROM joined_rows WHERE school = $1 AND gone = $2 AND kind IN ('account', 'email', 'said'))))
 RETURNING id, scope, holder";
