//! The tests of otp-dist, over real connections on the loopback interface: one module a subject.

mod answers;
mod backend;
mod beam;
mod bounds;
mod calls;
mod clusters;
mod dashboard;
mod discovery;
mod erlang;
mod groups;
mod hostile;
mod incarnations;
mod inspection;
mod older;
mod protocol;
mod raw;
mod signals;
mod silence;
mod spawned;
mod strangers;
mod support;
mod system;
mod tls;
mod topics;
mod values;
mod well_known;
