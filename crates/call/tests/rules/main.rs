//! The product's rules of calls, seats and sessions, as stories and as properties.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod door;
#[cfg(test)]
mod model;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod seats;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod talk;
#[cfg(test)]
mod world;
