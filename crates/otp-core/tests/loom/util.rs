//! What the runtime is built with.

pub(crate) use crate::large;

#[path = "../../src/util/entries.rs"]
pub(crate) mod entries;
#[path = "../../src/util/few.rs"]
pub(crate) mod few;
#[path = "../../src/util/keyed.rs"]
pub(crate) mod keyed;
#[path = "../../src/util/lock.rs"]
pub(crate) mod lock;
#[path = "../../src/util/map.rs"]
pub(crate) mod map;
#[path = "stand_ins/maps.rs"]
pub(crate) mod maps;
#[path = "../../src/util/numbered.rs"]
pub(crate) mod numbered;
#[path = "stand_ins/panic.rs"]
pub(crate) mod panic;
#[path = "../../src/util/plain.rs"]
pub(crate) mod plain;
#[path = "stand_ins/sync.rs"]
pub(crate) mod sync;
