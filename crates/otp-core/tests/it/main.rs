//! The tests of otp-core, through its public interface: one module a subject.

mod call;
mod call_answers;
mod call_dead_server;
mod cast_info;
mod chaos;
mod collector;
mod continue_timeout;
mod exit_reasons;
mod format_status;
mod gen_server_start;
mod gen_server_start_fails;
mod kill;
mod links;
mod monitors;
mod multi;
mod names;
mod processes;
mod puppet;
mod reports;
mod requests;
mod signals;
mod stop;
mod support;
mod terminate_matrix;
mod timers;
mod trap_exit;
