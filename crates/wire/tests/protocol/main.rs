//! The protocol's samples, its refusals and what is generated from it.

#[cfg(test)]
mod files;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod samples;
