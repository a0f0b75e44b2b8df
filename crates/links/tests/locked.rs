//! What is kept in the records and yet a secret.

#[cfg(test)]
mod tests {
    use links::{Key, KeyId, Keyring};
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn what_is_locked_is_unlocked_by_the_same_ring_for_the_same_purpose_alone() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut ring = Keyring::new(KeyId(1), Key::random(&mut rng));
        let locked = ring.lock("a door", "a token", &mut rng).unwrap();
        assert!(!locked.windows(7).any(|it| it == b"a token"));
        let again = ring.lock("a door", "a token", &mut rng);
        assert_ne!(again, Some(locked.clone()), "no two are alike");
        assert_eq!(ring.unlock("a door", &locked).as_deref(), Some("a token"));
        assert_eq!(ring.unlock("another door", &locked), None);
        for at in 0..locked.len() {
            let mut other = locked.clone();
            other[at] ^= 1;
            assert_eq!(ring.unlock("a door", &other), None, "byte {at}");
        }
        assert_eq!(ring.unlock("a door", &locked[..20]), None);
        assert_eq!(ring.unlock("a door", b""), None);
        ring.rotate(KeyId(2), Key::random(&mut rng));
        assert_eq!(ring.unlock("a door", &locked).as_deref(), Some("a token"));
        ring.drop_key(KeyId(1));
        assert_eq!(ring.unlock("a door", &locked), None);
        assert_eq!(ring.lock("a door", &"x".repeat(5000), &mut rng), None);
    }
}
