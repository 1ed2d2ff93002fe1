//! The owner, which writes the table, removes expired values, and runs each computation once.

use std::pin::Pin;
use std::time::{Duration, Instant};

use otp_core::prelude::*;
use otp_core::table::TableError;
use otp_core::task;

use super::keeper::{self, Keeper};
use super::{Entries, Key, Value};
use crate::core::{Computations, Entry};

/// The interval at which expired entries are removed. Readers check the time themselves and do not depend on it.
const SWEEP: Duration = Duration::from_secs(30);

/// The process that owns the table while it runs.
pub(crate) struct Owner<K: Key, V: Value> {
    table: Entries<K, V>,
    computations: Computations<K, ReplyTo<Computed<V>>>,
}

/// The result of a computation: its value, or the exit reason of its process.
pub type Computed<V> = Result<V, ExitReason>;

/// A computation that has not begun. The future of the first caller runs, and the futures of the others are dropped.
pub(crate) type Work<V> = Pin<Box<dyn Future<Output = V> + Send>>;

/// Calls of the owner.
pub(crate) enum Call<K: Key, V: Value> {
    /// Store a value.
    Put(K, V, Duration, ReplyTo<()>),
    /// Remove a value.
    Remove(K, ReplyTo<()>),
    /// Compute a value, unless the table has it or its computation runs.
    Compute(K, Work<V>, Duration, ReplyTo<Computed<V>>),
}

/// Other messages of the owner.
#[derive(Clone)]
pub(crate) enum Event<K, V> {
    /// The result of a computation, and the lifetime of its value.
    Computed(K, Duration, Computed<V>),
    /// Remove expired values.
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
            computations: Computations::new(),
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
                if self.computations.join(key.clone(), from) {
                    // The computation has a separate process. It does not block this server, its panic does not end this server,
                    // and it ends with this server, because its value could not be stored any more.
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
                for waiter in self.computations.finish(&key) {
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

/// The value of a key in the table, if it has not expired.
pub(crate) fn read<K: Key, V: Value>(
    table: &Entries<K, V>,
    key: &K,
) -> Result<Option<V>, TableError> {
    let entry = table.lookup(key)?;
    Ok(entry.and_then(|entry| entry.fresh(now())))
}

/// The time of the runtime's clock, which tests may pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
