//! A process that carries out orders and remembers the signals that it got: most tests of
//! links, monitors and exits are played by a few of these.

use std::time::Duration;

use otp_core::test::Probe;
use otp_core::{Down, Exit, ExitReason, Mailbox, MonitorRef, Node, Pid, ProcessInfo, ProcessRef};
use otp_core::{Target, process};
use tokio::sync::oneshot;

/// Something for a puppet to do when its turn in the mailbox comes; a reason ends the puppet.
pub(crate) struct Order(Box<Step>);

type Step = dyn FnOnce(&mut Mailbox<Order>) -> Option<ExitReason> + Send;

/// What a puppet has received, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Word(&'static str),
    Exit(Exit),
    Down(Down),
}

#[derive(Debug, Clone)]
pub(crate) struct Puppet {
    node: Node,
    process: ProcessRef<Order>,
    seen: Probe<Seen>,
}

impl Order {
    pub(crate) fn nothing() -> Self {
        Self(Box::new(|_| None))
    }

    fn report(seen: Probe<Seen>, what: Seen) -> Self {
        Self(Box::new(move |_| {
            seen.report(what);
            None
        }))
    }
}

impl Puppet {
    /// A puppet that does not trap exits.
    pub(crate) fn new(node: &Node) -> Self {
        Self {
            node: node.clone(),
            process: node.spawn(perform),
            seen: Probe::new(),
        }
    }

    /// A puppet that traps exits and remembers them.
    pub(crate) async fn trapping(node: &Node) -> Self {
        let puppet = Self::new(node);
        puppet.traps_exits().await;
        puppet
    }

    pub(crate) fn pid(&self) -> Pid {
        self.process.pid()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.process.is_alive()
    }

    pub(crate) fn info(&self) -> ProcessInfo {
        self.node
            .process_info(self.pid())
            .expect("the puppet lives")
    }

    /// Has the puppet do something, and waits for what comes of it.
    pub(crate) async fn does<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Mailbox<Order>) -> T + Send + 'static,
    ) -> T {
        let (answer, answered) = oneshot::channel();
        self.process.send(Order(Box::new(move |mailbox| {
            let _ = answer.send(what(mailbox));
            None
        })));
        let answer = in_time(answered).await;
        answer.expect("the puppet lives and has done it")
    }

    /// Has the puppet do something when its turn comes.
    pub(crate) fn will(&self, what: impl FnOnce(&mut Mailbox<Order>) + Send + 'static) {
        self.process.send(Order(Box::new(move |mailbox| {
            what(mailbox);
            None
        })));
    }

    /// Sends the puppet a word to remember.
    pub(crate) fn hears(&self, word: &'static str) {
        self.process
            .send(Order::report(self.seen.clone(), Seen::Word(word)));
    }

    /// Returns whether it trapped exits before.
    pub(crate) async fn traps_exits(&self) -> bool {
        let seen = self.seen.clone();
        self.does(move |mailbox| {
            mailbox.trap_exit(move |exit| Order::report(seen.clone(), Seen::Exit(exit)))
        })
        .await
    }

    /// Has the puppet trap exits, and remember them, when its turn comes.
    pub(crate) fn will_trap_exits(&self) {
        let seen = self.seen.clone();
        self.will(move |mailbox| {
            mailbox.trap_exit(move |exit| Order::report(seen.clone(), Seen::Exit(exit)));
        });
    }

    pub(crate) async fn links(&self, other: impl Into<Pid>) {
        let other = other.into();
        self.does(move |mailbox| mailbox.link(other)).await;
    }

    pub(crate) async fn unlinks(&self, other: impl Into<Pid>) {
        let other = other.into();
        self.does(move |mailbox| mailbox.unlink(other)).await;
    }

    pub(crate) async fn monitors(&self, target: impl Into<Target>) -> MonitorRef {
        let (seen, target) = (self.seen.clone(), target.into());
        self.does(move |mailbox| {
            mailbox.monitor(target, |down| Order::report(seen, Seen::Down(down)))
        })
        .await
    }

    /// Has the puppet begin to monitor another process when its turn comes.
    pub(crate) fn watches(&self, target: impl Into<Target>) {
        let (seen, target) = (self.seen.clone(), target.into());
        self.will(move |mailbox| {
            mailbox.monitor(target, |down| Order::report(seen, Seen::Down(down)));
        });
    }

    pub(crate) async fn demonitors(&self, monitor: MonitorRef) -> bool {
        self.does(move |mailbox| mailbox.demonitor(monitor)).await
    }

    /// Sends an exit signal to another process, by hand.
    pub(crate) async fn sends_exit(&self, to: impl Into<Pid>, reason: impl Into<ExitReason>) {
        let (to, reason) = (to.into(), reason.into());
        self.does(move |_| process::exit(to, reason)).await;
    }

    /// Has the body of the puppet return this reason, and waits until all is over.
    pub(crate) async fn ends(&self, reason: impl Into<ExitReason>) {
        let reason = reason.into();
        self.process.send(Order(Box::new(|_| Some(reason))));
        self.ended().await;
    }

    pub(crate) async fn ended(&self) -> ExitReason {
        in_time(self.process.wait()).await
    }

    /// Waits until it has done all that it was told so far; false if it ends before that.
    pub(crate) async fn has_caught_up(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        self.will(move |_| {
            let _ = answer.send(());
        });
        in_time(answered).await.is_ok()
    }

    /// Everything that it has received so far. Signals stand in the mailbox before `ended` returns,
    /// so after one order more they have all been seen.
    pub(crate) async fn seen(&self) -> Vec<Seen> {
        self.does(|_| ()).await;
        self.seen.drain()
    }
}

impl From<&Puppet> for Pid {
    fn from(puppet: &Puppet) -> Self {
        puppet.pid()
    }
}

impl From<&Puppet> for Target {
    fn from(puppet: &Puppet) -> Self {
        Self::Pid(puppet.pid())
    }
}

/// Waits for something that must happen, but not for ever.
async fn in_time<T>(event: impl Future<Output = T>) -> T {
    let waiting = tokio::time::timeout(Duration::from_secs(60), event);
    waiting.await.expect("the puppet answers or ends")
}

async fn perform(mut mailbox: Mailbox<Order>) -> ExitReason {
    loop {
        let Order(order) = mailbox.receive().await;
        if let Some(reason) = order(&mut mailbox) {
            return reason;
        }
    }
}

/// The EXIT that `from` causes.
pub(crate) fn exit(from: impl Into<Pid>, reason: impl Into<ExitReason>) -> Seen {
    Seen::Exit(Exit {
        from: from.into(),
        reason: reason.into(),
    })
}

/// The DOWN of a monitor.
pub(crate) fn down(
    monitor: MonitorRef,
    target: impl Into<Target>,
    reason: impl Into<ExitReason>,
) -> Seen {
    Seen::Down(Down {
        monitor,
        target: target.into(),
        reason: reason.into(),
    })
}

/// An abnormal reason.
pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// Runs a test as a process of a node of its own, so that it can spawn, link and receive.
pub(crate) async fn as_process<M, B, F>(body: B)
where
    M: Send + 'static,
    B: FnOnce(Mailbox<M>) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    if let Err(reason) = Node::new().run_with(body).await {
        panic!("{reason}");
    }
}
