//! LINK-1: what opens a link, and what does not.

#[cfg(test)]
mod properties {
    use links::{
        AttemptId, BadTicket, Key, KeyId, Keyring, LinkId, LinkPath, NoSuchLink, NotResumed,
        Record, Resumable, ResumeSecrets, Secret, TICKET_LENGTH, Ticket,
    };
    use proptest::prelude::*;
    use proptest::test_runner::{FileFailurePersistence, RngSeed};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn keyring(seed: u64) -> Keyring {
        Keyring::new(KeyId(1), Key::random(&mut StdRng::seed_from_u64(seed)))
    }

    /// A server's keys and one of its sessions.
    fn resumable(rng: &mut StdRng) -> (Keyring, Resumable) {
        let keyring = Keyring::new(KeyId(1), Key::random(rng));
        let whose = Resumable {
            session: LinkId::random(rng).number(),
            link: LinkId::random(rng),
            attempt: AttemptId(u128::from(LinkId::random(rng).number())),
        };
        (keyring, whose)
    }

    /// What stands behind the `#`.
    fn secret(path: &LinkPath) -> String {
        let exposed = path.expose();
        let (_, secret) = exposed.split_once('#').unwrap();
        secret.to_owned()
    }

    fn link_ids() -> impl Strategy<Value = LinkId> {
        (0..1_u64 << 40).prop_map(|it| LinkId::from_number(it).unwrap())
    }

    fn config() -> ProptestConfig {
        ProptestConfig {
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
                "proptest-regressions/links.txt",
            ))),
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn a_link_opens_and_is_made_the_same_again(seed: u64, id in link_ids()) {
            let keyring = keyring(seed);
            let record = keyring.record(id);
            let path = keyring.path(&record).unwrap();
            prop_assert_eq!(&keyring.path(&record).unwrap(), &path);
            let exposed = path.expose();
            let (start, presented) = exposed.split_once('#').unwrap();
            prop_assert_eq!(start, format!("/j/{id}"));
            prop_assert_eq!(start.strip_prefix("/j/").unwrap().parse(), Ok(id));
            prop_assert_eq!(keyring.verify(Some(&record), presented), Ok(id));
            prop_assert_eq!(keyring.verify(Some(&record), &presented.to_uppercase()), Ok(id));
        }

        #[test]
        fn a_link_is_short_and_plain(seed: u64, id in link_ids()) {
            let keyring = keyring(seed);
            let path = keyring.path(&keyring.record(id)).unwrap();
            let exposed = path.expose();
            prop_assert_eq!(exposed.len(), "/j/".len() + 8 + "#".len() + 26);
            let plain = |it: char| it.is_ascii_digit() || (it.is_ascii_lowercase() && !"ilou".contains(it));
            prop_assert!(exposed["/j/".len()..].chars().all(|it| plain(it) || it == '#'));
        }

        #[test]
        fn a_tampered_secret_opens_nothing(seed: u64, id in link_ids(), at in 0..26_usize, letter in "[0-9a-hjkmnp-tv-z]") {
            let keyring = keyring(seed);
            let record = keyring.record(id);
            let right = secret(&keyring.path(&record).unwrap());
            let mut tampered = right.clone();
            tampered.replace_range(at..=at, &letter);
            prop_assume!(tampered != right);
            prop_assert_eq!(keyring.verify(Some(&record), &tampered), Err(NoSuchLink));
        }

        #[test]
        fn anothers_secret_opens_nothing(seed: u64, id in link_ids(), other in link_ids()) {
            prop_assume!(id != other);
            let keyring = keyring(seed);
            let presented = secret(&keyring.path(&keyring.record(other)).unwrap());
            prop_assert_eq!(keyring.verify(Some(&keyring.record(id)), &presented), Err(NoSuchLink));
        }

        #[test]
        fn what_the_ring_made_is_known_without_the_records(seed: u64, id in link_ids(), times in 0..7_usize, presented: String) {
            let mut ring = keyring(seed);
            let mut record = ring.record(id);
            for _ in 0..times {
                record = ring.raise(&record);
            }
            let made = secret(&ring.path(&record).expect("the key is there"));
            ring.rotate(KeyId(9), Key::random(&mut StdRng::seed_from_u64(seed ^ 1)));
            prop_assert!(ring.has_made(Some(id), &made));
            prop_assert!(!ring.has_made(None, &made));
            let other = keyring(seed ^ 2);
            prop_assert!(!other.has_made(Some(id), &made));
            prop_assert!(!ring.has_made(Some(id), &presented));
        }

        #[test]
        fn a_seal_is_of_its_purpose_its_text_and_its_ring(seed: u64, text: String, other: String) {
            let mut ring = keyring(seed);
            let seal = ring.seal("one", &text);
            prop_assert!(ring.is_sealed("one", &text, &seal));
            ring.rotate(KeyId(9), Key::random(&mut StdRng::seed_from_u64(seed ^ 1)));
            prop_assert!(ring.is_sealed("one", &text, &seal));
            prop_assert!(!ring.is_sealed("another", &text, &seal));
            prop_assert_eq!(ring.is_sealed("one", &other, &seal), other == text);
            let stranger = keyring(seed ^ 2);
            prop_assert!(!stranger.is_sealed("one", &text, &seal));
        }

        #[test]
        fn a_raised_version_kills_what_was_before(seed: u64, id in link_ids(), times in 1..5_usize) {
            let keyring = keyring(seed);
            let mut record = keyring.record(id);
            let mut dead = Vec::new();
            for _ in 0..times {
                dead.push(secret(&keyring.path(&record).unwrap()));
                record = keyring.raise(&record);
            }
            for presented in &dead {
                prop_assert_eq!(keyring.verify(Some(&record), presented), Err(NoSuchLink));
            }
            let alive = secret(&keyring.path(&record).unwrap());
            prop_assert_eq!(keyring.verify(Some(&record), &alive), Ok(id));
        }

        #[test]
        fn without_a_record_nothing_opens(seed: u64, id in link_ids(), presented: String) {
            let keyring = keyring(seed);
            prop_assert_eq!(keyring.verify(None, &presented), Err(NoSuchLink));
            prop_assert_eq!(keyring.verify(Some(&keyring.record(id)), &presented), Err(NoSuchLink));
            let right = secret(&keyring.path(&keyring.record(id)).unwrap());
            prop_assert_eq!(keyring.verify(None, &right), Err(NoSuchLink));
        }

        #[test]
        fn the_stand_in_for_unknown_links_opens_nothing(version: u32, key: u32) {
            // Whoever knows how the stand-in is made knows nothing: it never opens.
            let zero = LinkId::from_number(0).unwrap();
            let known = Keyring::new(KeyId(key), Key::from_bytes([0; 32]));
            let record = Record { id: zero, version, key: KeyId(key) };
            let presented = secret(&known.path(&record).unwrap());
            prop_assert_eq!(keyring(1).verify(None, &presented), Err(NoSuchLink));
            let of_no_key = Record { key: KeyId(key.saturating_add(2)), ..record };
            prop_assert_eq!(keyring(1).verify(Some(&of_no_key), &presented), Err(NoSuchLink));
            prop_assert_eq!(known.verify(None, &"0".repeat(26)), Err(NoSuchLink));
        }

        #[test]
        fn a_rotated_key_opens_its_links_until_it_is_dropped(seed: u64, id in link_ids()) {
            let mut keyring = keyring(seed);
            let old = keyring.record(id);
            let presented = secret(&keyring.path(&old).unwrap());
            keyring.rotate(KeyId(2), Key::random(&mut StdRng::seed_from_u64(!seed)));
            prop_assert_eq!(keyring.verify(Some(&old), &presented), Ok(id));
            prop_assert_eq!(secret(&keyring.path(&old).unwrap()), presented.as_str());
            let new = keyring.record(id);
            prop_assert_eq!(new.key, KeyId(2));
            prop_assert_eq!(keyring.verify(Some(&new), &presented), Err(NoSuchLink));
            keyring.drop_key(KeyId(1));
            prop_assert_eq!(keyring.verify(Some(&old), &presented), Err(NoSuchLink));
            prop_assert_eq!(keyring.path(&old), None);
            keyring.drop_key(KeyId(2));
            prop_assert!(keyring.path(&new).is_some(), "the current key stays");
        }

        #[test]
        fn an_accepted_key_opens_its_links_and_the_current_one_stays(seed: u64, id in link_ids()) {
            let key = |seed: u64| Key::random(&mut StdRng::seed_from_u64(seed));
            let before = keyring(seed);
            let record = before.record(id);
            let presented = secret(&before.path(&record).unwrap());
            let mut ring = Keyring::new(KeyId(2), key(!seed));
            prop_assert_eq!(ring.verify(Some(&record), &presented), Err(NoSuchLink));
            ring.accept(KeyId(1), key(seed));
            prop_assert_eq!(ring.verify(Some(&record), &presented), Ok(id));
            let own = ring.record(id);
            let shown = secret(&ring.path(&own).unwrap());
            ring.accept(KeyId(2), key(seed.wrapping_add(1)));
            prop_assert_eq!(ring.verify(Some(&own), &shown), Ok(id));
        }

        #[test]
        fn a_key_is_known_again_by_its_print(seed: u64, other: u64) {
            let print = |seed| Key::random(&mut StdRng::seed_from_u64(seed)).print();
            prop_assert_eq!(print(seed), print(seed));
            prop_assume!(seed != other);
            prop_assert_ne!(print(seed), print(other));
        }

        #[test]
        fn without_an_id_no_secret_was_made(seed: u64) {
            let ring = keyring(seed);
            // The id that stands in where there is none.
            let id = LinkId::from_number(0).unwrap();
            let presented = secret(&ring.path(&ring.record(id)).unwrap());
            prop_assert!(ring.has_made(Some(id), &presented));
            prop_assert!(!ring.has_made(None, &presented));
        }

        #[test]
        fn link_ids_are_read_as_written(id in link_ids(), text: String) {
            prop_assert_eq!(id.to_string().len(), 8);
            prop_assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
            let _read: Result<LinkId, _> = text.parse();
        }

        #[test]
        fn attempts_are_32_lower_case_digits_and_nothing_else(value: u128, text: String, near in "[+-]?[0-9a-fA-F]{31,33}") {
            prop_assert_eq!(format!("{value:032x}").parse(), Ok(AttemptId(value)));
            prop_assert_eq!(AttemptId(value).to_string(), format!("{value:032x}"));
            for text in [text, near] {
                let is_one = text.len() == 32
                    && text.bytes().all(|it| b"0123456789abcdef".contains(&it));
                prop_assert_eq!(text.parse::<AttemptId>().is_ok(), is_one);
            }
        }

        #[test]
        fn a_ticket_works_within_its_time(
            seed: u64, link in link_ids(), meeting: u64, attempt: u128,
            until in 0..1_u64 << 50, now in 0..1_u64 << 50,
        ) {
            let keyring = keyring(seed);
            let ticket = Ticket { link, meeting, attempt: AttemptId(attempt), until };
            let sealed = ticket.seal(&keyring);
            prop_assert_eq!(sealed.expose().len(), TICKET_LENGTH);
            let expected = if now < until { Ok(ticket) } else { Err(BadTicket) };
            prop_assert_eq!(Ticket::open(&keyring, sealed.expose(), now), expected);
            // One that was given before the keys changed works, until they are dropped.
            let mut newer = keyring;
            newer.rotate(KeyId(2), Key::random(&mut StdRng::seed_from_u64(!seed)));
            prop_assert_eq!(Ticket::open(&newer, sealed.expose(), now), expected);
            newer.drop_key(KeyId(1));
            prop_assert_eq!(Ticket::open(&newer, sealed.expose(), now), Err(BadTicket));
        }

        #[test]
        fn a_ticket_of_which_anything_was_changed_is_none(
            seed: u64, link in link_ids(), meeting: u64, attempt: u128, at in 0..83_usize, to in "[0-9a-z]",
        ) {
            let keyring = keyring(seed);
            let ticket = Ticket { link, meeting, attempt: AttemptId(attempt), until: u64::MAX >> 14 };
            let mut text = ticket.seal(&keyring).expose().to_owned();
            if text.get(at..=at) != Some(to.as_str()) {
                text.replace_range(at..=at, &to);
                let read = Ticket::open(&keyring, &text, 0);
                // The seal alone may be written with letters that look alike.
                let alike = at >= 57 && read == Ok(ticket);
                prop_assert!(alike || read == Err(BadTicket), "{text}");
            }
        }

        #[test]
        fn whatever_is_shown_for_a_ticket_is_read_without_harm(seed: u64, text: String, near in "[0-9a-zé-]{82,84}") {
            let keyring = keyring(seed);
            for text in [text, near] {
                prop_assert_eq!(Ticket::open(&keyring, &text, 0), Err(BadTicket));
            }
        }

        /// Against a model that is only the rule in words: the list of all secrets ever given, the
        /// one that was shown last, and whether a message came since.
        #[test]
        fn resume_secrets_follow_the_rule(seed: u64, steps in prop::collection::vec((any::<bool>(), 0..6_usize), 0..30)) {
            let mut rng = StdRng::seed_from_u64(seed);
            let (keyring, whose) = resumable(&mut rng);
            let mut secrets = ResumeSecrets::begin();
            let mut given = vec![secrets.newest(&keyring, whose).expose()];
            let mut works = vec![0];
            for (confirms, back) in steps {
                if confirms {
                    secrets.confirm();
                    works = vec![given.len() - 1];
                    continue;
                }
                let n = given.len().saturating_sub(1 + back);
                match secrets.check(&keyring, whose, &given[n]) {
                    Ok(shown) => {
                        prop_assert!(works.contains(&n), "{n} of {works:?}");
                        secrets.rotate(&shown);
                        given.push(secrets.newest(&keyring, whose).expose());
                        works = vec![n, given.len() - 1];
                    }
                    Err(refusal) => {
                        prop_assert!(!works.contains(&n), "{n} of {works:?}");
                        prop_assert_eq!(refusal, NotResumed::UsedUp);
                    }
                }
            }
            let check = |secret: &str| secrets.check(&keyring, whose, secret).unwrap_err();
            prop_assert_eq!(check(&Secret::random(&mut rng).expose()), NotResumed::Unknown);
            prop_assert_eq!(check(""), NotResumed::Unknown);
            // Nor is it another session's, or that of another press under the same number.
            let newest = secrets.newest(&keyring, whose).expose();
            let next = Resumable { session: whose.session.wrapping_add(1), ..whose };
            let other = Resumable { attempt: AttemptId(whose.attempt.0.wrapping_add(1)), ..whose };
            for not_its in [next, other] {
                let refused = secrets.check(&keyring, not_its, &newest).unwrap_err();
                prop_assert_eq!(refused, NotResumed::Unknown);
            }
        }

        /// What was sent after the numbers were written down last works all the same, a little way.
        #[test]
        fn numbers_that_were_written_down_late_still_serve(seed: u64, before in 0..20_u32, behind in 0..4_u32) {
            let mut rng = StdRng::seed_from_u64(seed);
            let (keyring, whose) = resumable(&mut rng);
            let mut secrets = ResumeSecrets::begin();
            let return_once = |secrets: &mut ResumeSecrets| {
                let newest = secrets.newest(&keyring, whose).expose();
                let shown = secrets.check(&keyring, whose, &newest).unwrap();
                secrets.rotate(&shown);
                newest
            };
            for _ in 0..before {
                return_once(&mut secrets);
            }
            let (shown, sent) = secrets.numbers();
            let mut used_up = Vec::new();
            for _ in 0..behind {
                used_up.push(return_once(&mut secrets));
            }
            let held = secrets.newest(&keyring, whose).expose();
            let mut read = ResumeSecrets::of_numbers(shown, sent);
            let shown = read.check(&keyring, whose, &held);
            prop_assert!(shown.is_ok(), "{read:?}");
            read.rotate(&shown.unwrap());
            read.confirm();
            for old in used_up {
                prop_assert_eq!(read.check(&keyring, whose, &old).unwrap_err(), NotResumed::UsedUp);
            }
        }

        #[test]
        fn nothing_secret_is_printed(seed: u64, id in link_ids()) {
            let mut rng = StdRng::seed_from_u64(seed);
            let key = Key::random(&mut rng);
            let keyring = Keyring::new(KeyId(1), key.clone());
            let path = keyring.path(&keyring.record(id)).unwrap();
            let ticket = Ticket { link: id, meeting: 1, attempt: AttemptId(0), until: 1 };
            let ticket = ticket.seal(&keyring);
            let (_, whose) = resumable(&mut rng);
            let secrets = ResumeSecrets::begin();
            let resume = secrets.newest(&keyring, whose);
            prop_assert_eq!(format!("{ticket:?} {resume:?} {key:?}"), "Ticket Secret Key");
            let printed = format!("{keyring:?} {path:?} {ticket:?} {secrets:?}");
            for hidden in [ticket.expose().to_owned(), resume.expose(), secret(&path)] {
                prop_assert!(!printed.contains(&hidden));
            }
            let bytes = format!("{:?}", key.expose());
            prop_assert!(!printed.contains(&bytes));
        }
    }

    #[test]
    fn a_link_is_the_same_in_every_release() {
        let keyring = Keyring::new(KeyId(7), Key::from_bytes([0x42; 32]));
        let record = keyring.record(LinkId::from_number(0x12_3456_789a).unwrap());
        assert_eq!(
            keyring.path(&record).unwrap().expose(),
            "/j/28t5cy4t#1vr4k3ty90mn7q0a4zpyw5dbwx"
        );
    }

    #[test]
    fn link_ids_differ_in_every_bit() {
        let mut rng = StdRng::seed_from_u64(7);
        let ids: Vec<_> = (0..200)
            .map(|_| LinkId::random(&mut rng).number())
            .collect();
        let ever = ids.iter().fold(0, |all, it| all | it);
        let always = ids.iter().fold(u64::MAX, |all, it| all & it);
        assert_eq!((ever, always), ((1 << 40) - 1, 0));
    }

    #[test]
    fn secrets_differ_in_every_bit() {
        // Each of the 128 bits is set in about half of many secrets, or it carries nothing.
        let keyring = keyring(3);
        let count = 4000;
        let mut ones = [0_u32; 128];
        for number in 0..count {
            let record = keyring.record(LinkId::from_number(number).unwrap());
            let text = secret(&keyring.path(&record).unwrap());
            let digits = "0123456789abcdefghjkmnpqrstvwxyz";
            let bits = text.chars().fold(0_u128, |sum, it| {
                (sum << 5) | digits.find(it).unwrap() as u128
            });
            for (bit, ones) in ones.iter_mut().enumerate() {
                *ones += u32::from(bits >> bit & 1 == 1);
            }
        }
        assert!(ones.iter().all(|it| (1800..2200).contains(it)), "{ones:?}");
    }
}
