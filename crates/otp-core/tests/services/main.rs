//! The tests of what services are built with: event managers and what stands beside them.

mod blocking_work;
mod call_cycles;
mod calls_back;
mod drains;
mod event_calls;
mod event_failures;
mod event_handlers;
mod event_manager;
mod event_owners;
mod event_swaps;
mod guarded_starts;
mod guards;
mod mapping;
mod overload;
mod priority;
mod pub_sub;
mod pub_sub_borders;
mod puppet;
mod schedules;
mod shown_badly;
mod streams;
mod worker_pools;
