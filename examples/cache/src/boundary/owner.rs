//! The owner: writes the table, removes what has expired, and runs each computation once.

use std::pin::Pin;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::table::TableError;
use otp_core::task;

use super::keeper::{self, Keeper};
use super::{Entries, Key, Value};
use crate::core::{Entry, Flights};

/// How often expired entries are removed. Readers do not depend on it: they look at the time themselves.
const SWEEP: Duration = Duration::from_secs(30);

/// The process that owns the table while it lives.
pub(crate) struct Owner<K: Key, V: Value> {
    table: Entries<K, V>,
    flights: Flights<K, ReplyTo<Computed<V>>>,
}

/// What comes of a computation: its value, or the reason with which its process has ended.
pub type Computed<V> = Result<V, ExitReason>;

/// A computation that has not begun. A future does nothing until it is polled, so all askers but the first drop theirs.
pub(crate) type Work<V> = Pin<Box<dyn Future<Output = V> + Send>>;

/// A request to the owner.
pub(crate) enum Call<K: Key, V: Value> {
    /// Stores a value.
    Put(K, V, Duration, ReplyTo<()>),
    /// Removes a value.
    Remove(K, ReplyTo<()>),
    /// Computes a value, unless it is there or being computed already.
    Compute(K, Work<V>, Duration, ReplyTo<Computed<V>>),
}

/// What the owner tells itself or hears from others.
#[derive(Clone)]
pub(crate) enum Event<K, V> {
    /// What has come of a computation, and how long its value is good.
    Computed(K, Duration, Computed<V>),
    /// It is time to remove what has expired.
    Sweep,
}

#[gen_server]
impl<K: Key, V: Value> GenServer for Owner<K, V> {
    type Args = ServerRef<Keeper<K, V>>;
    type Call = Call<K, V>;
    type Info = Event<K, V>;

    async fn init(
        keeper: ServerRef<Keeper<K, V>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, Stop> {
        let me = context.me();
        let table = keeper.call(|from| keeper::Call::Claim(me, from)).await??;
        context.send_interval(SWEEP, Event::Sweep);
        Ok(Init::state(Self {
            table,
            flights: Flights::new(),
        }))
    }

    async fn handle_call(
        &mut self,
        call: Call<K, V>,
        context: &mut Context<Self>,
    ) -> Result<Reply<Self>, Stop> {
        match call {
            Call::Put(key, value, ttl, from) => {
                self.table.insert(key, Entry::new(value, now(), ttl))?;
                Ok(from.reply(()))
            }
            Call::Remove(key, from) => {
                self.table.delete(&key)?;
                Ok(from.reply(()))
            }
            Call::Compute(key, work, ttl, from) => {
                if let Some(value) = read(&self.table, &key)? {
                    return Ok(from.reply(Ok(value)));
                }
                if self.flights.join(key.clone(), from) {
                    // In a process of its own: it neither blocks this server nor takes it along when it panics, and ends with it, so
                    // that no computation runs whose value nobody would store.
                    task::pipe(context.me(), work, move |computed| {
                        Event::Computed(key, ttl, computed)
                    });
                }
                Ok(Reply::later())
            }
        }
    }

    async fn handle_info(
        &mut self,
        info: Info<Event<K, V>>,
        _: &mut Context<Self>,
    ) -> Result<Next<Self>, Stop> {
        match info {
            Info::Message(Event::Computed(key, ttl, computed)) => {
                if let Ok(value) = &computed {
                    let entry = Entry::new(value.clone(), now(), ttl);
                    self.table.insert(key.clone(), entry)?;
                }
                for waiter in self.flights.land(&key) {
                    waiter.send(computed.clone());
                }
            }
            Info::Message(Event::Sweep) => {
                let now = now();
                self.table
                    .delete_matching(|_, entry| !entry.is_fresh(now))?;
            }
            Info::Exit(_) | Info::Down(_) | Info::Timeout => {}
        }
        Ok(Next::NoReply)
    }
}

/// What the table has under a key, if it is fresh.
pub(crate) fn read<K: Key, V: Value>(
    table: &Entries<K, V>,
    key: &K,
) -> Result<Option<V>, TableError> {
    let entry = table.lookup(key)?;
    Ok(entry.and_then(|entry| entry.fresh(now())))
}

/// The runtime's clock, which tests may pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
