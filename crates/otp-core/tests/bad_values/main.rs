//! Values of the user's that panic as they are dropped, also while another panic unwinds, and as they are hashed, compared,
//! copied or shown: no program ends by them.

mod bad;
mod futures;
mod machines;
mod managers;
mod names;
mod pools;
mod streams;
mod topics;
