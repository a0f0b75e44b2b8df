//! The rules of booking and inviting, as properties against small reference models.

#[cfg(test)]
mod bookings;
#[cfg(test)]
mod evenings;
#[cfg(test)]
mod foreign_headings;
#[cfg(test)]
mod headings;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod sheets;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod spreadsheets;
#[cfg(test)]
mod staff_lists;
#[cfg(test)]
mod world;
