//! Where a school's people come from: what the systems of schools write, read as
//! [`school::import::Incoming`], which is one thing for all of them.
//!
//! `docs/sources.md` names every field that is read. It refuses to know what is kept already, what
//! becomes of a row, and when an import is done. Everything that comes in is bounded before it is
//! read.

mod names;
pub mod oneroster;
pub mod wonde;
