//! The keeper, which owns the table while no owner runs.

use otp_core::prelude::*;
use otp_core::table::{self, TableError, Transfer};

use super::owner::Owner;
use super::{Entries, Key, Value};

/// The process that creates the table and is its heir.
pub(crate) struct Keeper<K, V> {
    table: Entries<K, V>,
}

/// Calls of the keeper.
pub(crate) enum Call<K: Key, V: Value> {
    /// Give the table to a new owner.
    Claim(
        ServerRef<Owner<K, V>>,
        ReplyTo<Result<Entries<K, V>, TableError>>,
    ),
}

#[gen_server]
impl<K: Key, V: Value> GenServer for Keeper<K, V> {
    type Args = String;
    type Call = Call<K, V>;
    type Info = Transfer<Entries<K, V>>;

    async fn init(name: String, context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        let me = context.me();
        let table = table::set(name).named().heir(&me, |back| back).create()?;
        Ok(Init::state(Self { table }))
    }

    async fn handle_call(&mut self, call: Call<K, V>, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Claim(owner, from) = call;
        // The supervisor starts an owner only after the former one has died. By then the keeper has the table again, because a
        // process passes its tables to their heirs before it signals its links.
        let given = self.table.hand_over(&owner);
        from.reply(given.map(|()| self.table.clone()))
    }

    async fn handle_info(
        &mut self,
        info: Info<Transfer<Entries<K, V>>>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        // The keeper has the table again, and waits for the next owner.
        drop(info);
        Next::NoReply
    }
}
