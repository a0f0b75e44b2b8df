//! A wrapper for what logs must never hold.

use std::fmt;

/// A name, an address or a secret: it prints as `…`, whoever prints it.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for sending it to somebody entitled to it; never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::Private;

    #[test]
    fn prints_nothing_of_what_it_holds() {
        let name = Private::new("Ada");
        assert_eq!(format!("{name} {name:?}"), "… …");
        assert_eq!(*name.reveal(), "Ada");
    }
}
