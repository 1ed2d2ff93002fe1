//! The supervision tree: the keeper, and after it the owner, which uses the keeper.

use otp_core::prelude::*;

use crate::boundary::keeper::Keeper;
use crate::boundary::owner::Owner;
use crate::boundary::{Key, Value};

/// The supervisor of the two processes of a cache. The strategy is rest for one: a new keeper has a new table, so the owner is
/// restarted with it. An owner that fails is restarted alone, and gets its table from the keeper.
pub(crate) fn tree<K: Key, V: Value>(name: &str) -> Supervisor {
    let (table, owner) = (name.to_owned(), name.to_owned());
    let keeper = keeper_name(name);
    let keeper_of_owner = keeper.clone();
    Supervisor::new(Strategy::RestForOne)
        .child(ChildSpec::worker("keeper", move || {
            let options = Keeper::<K, V>::options().name(keeper.clone());
            options.start_link(table.clone())
        }))
        .child(ChildSpec::worker("owner", move || {
            let keeper = ServerName::<Keeper<K, V>>::new(keeper_of_owner.clone());
            let options = Owner::<K, V>::options().name(owner.clone());
            async move {
                let keeper = keeper.whereis().ok_or(ExitReason::NoProcess)?;
                Ok::<_, Stop>(options.start_link(keeper).await?)
            }
        }))
}

fn keeper_name(cache: &str) -> String {
    format!("{cache}.keeper")
}
