//! The product's rules of calls, seats and sessions, as stories and as properties.

#[cfg(test)]
mod seats;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stage;
