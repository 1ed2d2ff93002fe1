//! Panics. In a model there is none but a failed assertion, which must not be caught.

use std::any::Any;
use std::panic::resume_unwind;

use crate::exit::ExitReason;

#[path = "../../../src/util/panic/together.rs"]
mod together;

pub(crate) use together::{Contained, HarmlessWaker, OneByOne, OneOfMany, Pair, Shared, shared};

pub(crate) fn install_hook(_: fn() -> bool) {}

pub(crate) fn reason(payload: Box<dyn Any + Send>) -> ExitReason {
    resume_unwind(payload)
}

pub(crate) fn try_unwind_with(_: ExitReason) {}

pub(crate) fn run_quietly(foreign: impl FnOnce()) {
    foreign();
}

pub(crate) fn answer<T>(foreign: impl FnOnce() -> T) -> Option<T> {
    Some(foreign())
}

pub(crate) fn each<T>(items: impl IntoIterator<Item = T>, mut foreign: impl FnMut(&mut T)) {
    for mut item in items {
        foreign(&mut item);
    }
}

pub(crate) fn each_taken<T>(items: impl IntoIterator<Item = T>, foreign: impl FnMut(T)) {
    items.into_iter().for_each(foreign);
}

pub(crate) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(drop);
}
