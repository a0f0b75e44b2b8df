//! What the port promises, told of both databases: every story runs on SQLite and on PostgreSQL.
#![expect(
    clippy::too_many_lines,
    reason = "a story tells its steps one after the other; every await counts as a branch"
)]

#[cfg(test)]
mod account_home;
#[cfg(test)]
mod addresses;
#[cfg(test)]
mod allowance;
#[cfg(test)]
mod areas;
#[cfg(test)]
mod booking_doors;
#[cfg(test)]
mod bookings;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod call_guests;
#[cfg(test)]
mod deeds;
#[cfg(test)]
mod demonstration;
#[cfg(test)]
mod entitled;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod faces;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod files;
#[cfg(test)]
mod forgotten;
#[cfg(test)]
mod hats;
#[cfg(test)]
mod held;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod known_time;
#[cfg(test)]
mod likenesses;
#[cfg(test)]
mod named_parents;
#[cfg(test)]
mod new_addresses;
#[cfg(test)]
mod next_holders;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod nodes_beside;
#[cfg(test)]
mod nodes_lost;
#[cfg(test)]
mod nodes_redis;
#[cfg(test)]
mod office;
#[cfg(test)]
mod one_person;
#[cfg(test)]
mod orders_last;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod places;
#[cfg(test)]
mod put_back;
#[cfg(test)]
mod races;
#[cfg(test)]
mod ranks;
#[cfg(test)]
mod registrations;
#[cfg(test)]
mod restored;
#[cfg(test)]
mod restored_orders;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod said;
#[cfg(test)]
mod said_names;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod second_factors;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sole;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod systems;
#[cfg(test)]
mod talks;
#[cfg(test)]
mod told;
#[cfg(test)]
mod undelivered;
#[cfg(test)]
mod weak_line;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
