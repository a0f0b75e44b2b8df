//! E-mails kept as files go with what the records know of them (DIR-10).

use std::fs;
use std::time::UNIX_EPOCH;

use jiff::SignedDuration;
use school::meeting::Margins;
use school::powers::RolePowers;
use store::{Actor, Options, Place, Store};

#[tokio::test]
async fn files_live_as_long_as_the_records_know_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Sqlite(folder.path().join("homeroom.sqlite"));
    let options = Options {
        key: links::KeyId(1),
        settle: SignedDuration::ZERO,
        texts_a_day: 50,
        powers: RolePowers::DEFAULT,
        margins: Margins::DEFAULT,
    };
    let store = Store::open(&place, options).await.expect("a new file");
    let now = ambient::now();
    let seeded = store.seed_demonstration(1, 30, now).await.expect("empty");
    let mail = folder.path().join("mail");
    assert_eq!(post::sweep(&mail, &store).await.expect("no folder"), 0);
    fs::create_dir(&mail).expect("a folder");
    let ids = store.message_ids().await.expect("records");
    for id in &ids {
        fs::write(mail.join(format!("{id}.eml")), "To: somebody").expect("written");
    }
    fs::write(mail.join("1a.2b.eml"), "of somebody erased").expect("written");
    fs::write(mail.join("notes.eml"), "not ours").expect("written");
    // A program was killed over one, and writes another now.
    for (name, is_old) in [(".1a.3c.eml.new", true), (".1a.4d.eml.new", false)] {
        let file = fs::File::create(mail.join(name)).expect("written");
        if is_old {
            file.set_modified(UNIX_EPOCH).expect("set");
        }
    }
    let count = || fs::read_dir(&mail).expect("a folder").count();
    assert_eq!(post::sweep(&mail, &store).await.expect("swept"), 2);
    assert!(!mail.join(".1a.3c.eml.new").exists(), "it was broken off");
    fs::remove_file(mail.join(".1a.4d.eml.new")).expect("it is being written");
    assert_eq!(count(), ids.len() + 1);
    // Whoever is erased takes their e-mails along.
    let all = store.invitations_of_evening(seeded.evening).await;
    let guest = all.expect("records").remove(0).id;
    store
        .erase_guest(guest, Actor::Program, now)
        .await
        .expect("erased");
    let removed = post::sweep(&mail, &store).await.expect("swept");
    assert!(removed >= 1);
    // And the school's period ends for all of them.
    let later = now + SignedDuration::from_hours(24 * 4000);
    store.erase_expired(later).await.expect("erased");
    post::sweep(&mail, &store).await.expect("swept");
    assert_eq!(count(), 1, "what is not ours stays");
}
