//! The media plane through its public handle, with clients that nobody here wrote: `rtc`'s own
//! peer connection over real sockets.

#[cfg(test)]
mod answer;
#[cfg(test)]
mod bridge;
#[cfg(test)]
mod client;
#[cfg(test)]
mod continuity;
#[cfg(test)]
mod log;
#[cfg(test)]
mod meeting;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod stranger;
#[cfg(test)]
mod tap;
#[cfg(test)]
mod wire;

#[cfg(test)]
mod a_client_of_another_make;
#[cfg(test)]
mod a_prepared_peer_waits_for_its_seat;
#[cfg(test)]
mod a_restart_keeps_the_connection;
#[cfg(test)]
mod a_worker_that_fails_is_started_anew;
#[cfg(test)]
mod a_worker_that_stands_still_keeps_nobody_waiting;
#[cfg(test)]
mod clocks_are_told_in_the_terms_of_each_slot;
#[cfg(test)]
mod commands_in_a_storm;
#[cfg(test)]
mod each_profile_protects_media;
#[cfg(test)]
mod everybody_hears_and_sees_everybody_else;
#[cfg(test)]
mod h264_comes_from_its_key_frame_on;
#[cfg(test)]
mod media_is_for_those_seated_alone;
#[cfg(test)]
mod nothing_is_sent_too_late;
#[cfg(test)]
mod strangers_change_nothing;
#[cfg(test)]
mod what_a_peer_asks_for_is_bounded;
#[cfg(test)]
mod what_came_is_told_to_its_sender;
#[cfg(test)]
mod what_is_announced_follows_the_machine;
#[cfg(test)]
mod what_is_lost_is_sent_again;
#[cfg(test)]
mod who_falls_silent_is_reported;
#[cfg(test)]
mod without_udp;
