//! Relations between processes: links, monitors and names, the signals that they cause, and processes of other nodes.

pub(crate) mod carrier;
mod change;
pub(crate) mod remote;
pub(crate) mod signal;

pub(crate) use change::{
    demonitor, down, forget_names, is_linked, link, link_both, link_newborn, monitor,
    monitor_process, name, stop_watching, try_link, unlink, unlink_from, unname,
};
