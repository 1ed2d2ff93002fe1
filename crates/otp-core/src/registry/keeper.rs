//! The process of a registry: while it lives the registry runs, and it removes the entries of dead processes.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use otp_macros::gen_server;

use super::shared::RegistryShared;
use crate::exit::ExitReason;
use crate::gen_server::{Context, GenServer, Info, Init, Next};
use crate::never::Never;
use crate::pid::Pid;
use crate::process::{self, current};

/// It is linked with every process that has an entry, so that it learns of their ends and they end with it.
pub(crate) struct Keeper<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + 'static,
    V: Clone,
{
    shared: Arc<RegistryShared<K, V>>,
    pid: Pid,
}

#[gen_server]
impl<K, V> GenServer for Keeper<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    type Args = Arc<RegistryShared<K, V>>;

    async fn init(
        shared: Arc<RegistryShared<K, V>>,
        context: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        context.trap_exit(true);
        process::set_label(format!("registry {}", shared.name));
        let pid = context.pid();
        match shared.open(&current::process()) {
            Ok(()) => {
                // The server alone keeps it: values in it are the user's, and are dropped with the server.
                current::process()
                    .head()
                    .show(Arc::new(Arc::downgrade(&shared)));
                Ok(Init::state(Self { shared, pid }))
            }
            Err(other) => Ok(Init::error(ExitReason::other(format!(
                "registry {} is running already, as {other}",
                shared.name
            )))),
        }
    }

    async fn handle_info(&mut self, info: Info<Never>, context: &mut Context<Self>) -> Next<Self> {
        if let Info::Exit(exit) = info
            // Any process may send an exit signal without having ended.
            && !context.node().is_alive(exit.from)
        {
            self.shared.tables.release(exit.from);
        }
        Next::NoReply
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        // A link passes `Normal` without effect, but the owners rely on the registry.
        if *reason == ExitReason::Normal {
            let keeper = current::process();
            self.shared.tables.shut_down_owners(&keeper);
        }
    }
}

/// However the process ends, before its exit signals.
impl<K, V> Drop for Keeper<K, V>
where
    K: Eq + Hash + Clone + fmt::Debug + 'static,
    V: Clone,
{
    fn drop(&mut self) {
        self.shared.close(self.pid);
    }
}
