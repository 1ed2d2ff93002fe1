//! The interface that a distribution implements, by which signals leave for processes of other nodes.
//!
//! A process of another node has a control block here, a *proxy*, as soon as a process of this node has a link or a
//! monitor with it. Links and monitors are in both control blocks, as between two processes of this node. The
//! [`Carrier`] sends the signals to the proxy on to the other node, in their order. So a death, an unlink or a
//! demonitor needs no second bookkeeping, and the loss of a node is the death of its proxies.

use std::sync::Arc;

use crate::address::Target;
use crate::address::name::RemoteName;
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};
use crate::process::life::block::Process;

/// Carries the signals of this node's processes to those of one other node.
///
/// Each function is called by the process that acts, or that dies, and must not wait: it queues. Signals from one process to
/// another arrive in the order of the calls.
///
/// # OTP
///
/// The control messages of the distribution protocol.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc::Sender;
///
/// use otp_core::prelude::*;
/// use otp_core::remote::Carrier;
/// use otp_core::{MonitorRef, Target};
///
/// /// A control message, as it goes to the other node.
/// enum Control {
///     Link(Pid, Pid),
///     Exit(Pid, Pid, ExitReason),
///     // …
/// }
///
/// /// Puts control messages into the queue of a connection.
/// struct Connection(Sender<Control>);
///
/// impl Carrier for Connection {
///     fn link(&self, from: Pid, to: Pid) {
///         // The caller must not wait. An error means that the connection is lost, which its owner reports.
///         let _ = self.0.send(Control::Link(from, to));
///     }
///
///     fn exit(&self, from: Pid, to: Pid, reason: &ExitReason) {
///         let _ = self.0.send(Control::Exit(from, to, reason.clone()));
///     }
///     // …
/// #     fn unlink(&self, _: Pid, _: Pid) {}
/// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) {}
/// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
/// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) {}
/// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) {}
/// }
///
/// let (queue, sent) = std::sync::mpsc::channel();
/// let node = Node::new();
/// let there = node.connect(std::sync::Arc::new(Connection(queue)));
/// let cook = there.pid(7).expect("a pid of the other node");
/// node.exit(cook, ExitReason::Shutdown);
/// assert!(matches!(sent.recv(), Ok(Control::Exit(_, to, ExitReason::Shutdown)) if to == cook));
/// ```
pub trait Carrier: Send + Sync + 'static {
    /// The name of the other node, for people; `None` if nodes have no names.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let there = process::node().connect(Arc::new(Notes::default()));
    /// assert_eq!(there.node_name().as_deref(), Some("kitchen@home"));
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn node_name(&self) -> Option<String> {
        None
    }
    /// `from` has linked itself with `to`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// process::link(there.pid(7).expect("a pid of the other node"));
    /// assert_eq!(notes.take(), ["link"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn link(&self, from: Pid, to: Pid);
    /// `from` has unlinked itself from `to`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// let cook = there.pid(7).expect("a pid of the other node");
    /// process::link(cook);
    /// process::unlink(cook);
    /// assert_eq!(notes.take(), ["link", "unlink"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn unlink(&self, from: Pid, to: Pid);
    /// `from` has ended, and was linked with `to`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// let cook = there.pid(7).expect("a pid of the other node");
    /// let waiter = process::spawn(move |_: Mailbox<Never>| async move { process::link(cook) });
    /// waiter.wait().await;
    /// assert_eq!(notes.take(), ["link", "linked_exit"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn linked_exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// `from` has sent an exit signal to `to`, without a link.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// process::exit(there.pid(7).expect("a pid of the other node"), ExitReason::Kill);
    /// assert_eq!(notes.take(), ["exit"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// `watcher` monitors `target`, which is a pid or a name of the other node.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// process::monitor(there.pid(7).expect("a pid of the other node"));
    /// assert_eq!(notes.take(), ["monitor"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn monitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef);
    /// `watcher` has removed its monitor, or has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// let monitor = process::monitor(there.pid(7).expect("a pid of the other node"));
    /// process::demonitor(monitor);
    /// assert_eq!(notes.take(), ["monitor", "demonitor"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn demonitor(&self, watcher: Pid, target: &Target, monitor: MonitorRef);
    /// `target`, which `watcher` of the other node monitors, has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use otp_core::prelude::*;
    /// use otp_core::remote::Carrier;
    /// use otp_core::{MonitorRef, Target, process};
    /// # /// Notes the name of each function that is called.
    /// # #[derive(Default)]
    /// # struct Notes(Mutex<Vec<&'static str>>);
    /// #
    /// # impl Notes {
    /// #     fn note(&self, what: &'static str) { self.0.lock().expect("no panic").push(what); }
    /// #     fn take(&self) -> Vec<&'static str> { std::mem::take(&mut *self.0.lock().expect("no panic")) }
    /// # }
    /// #
    /// # impl Carrier for Notes {
    /// #     fn node_name(&self) -> Option<String> { Some("kitchen@home".to_owned()) }
    /// #     fn link(&self, _: Pid, _: Pid) { self.note("link"); }
    /// #     fn unlink(&self, _: Pid, _: Pid) { self.note("unlink"); }
    /// #     fn linked_exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("linked_exit"); }
    /// #     fn exit(&self, _: Pid, _: Pid, _: &ExitReason) { self.note("exit"); }
    /// #     fn monitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("monitor"); }
    /// #     fn demonitor(&self, _: Pid, _: &Target, _: MonitorRef) { self.note("demonitor"); }
    /// #     fn down(&self, _: &Target, _: Pid, _: MonitorRef, _: &ExitReason) { self.note("down"); }
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let notes = Arc::new(Notes::default());
    /// let there = process::node().connect(notes.clone());
    /// let cook = there.pid(7).expect("a pid of the other node");
    /// let waiter = process::spawn(|_: Mailbox<Never>| async {});
    /// there.monitor(cook, waiter.pid().into(), |_| ());
    /// waiter.wait().await;
    /// assert_eq!(notes.take(), ["down"]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    fn down(&self, target: &Target, watcher: Pid, monitor: MonitorRef, reason: &ExitReason);
}

/// The other nodes that a node knows.
pub(crate) trait Remotes: Send + Sync {
    /// The proxy of a process; none if its node is not connected.
    fn find(&self, pid: Pid) -> Option<Arc<dyn Process>>;
    /// The proxy of the process that has this name on the other node.
    fn named(&self, name: &RemoteName) -> Option<Arc<dyn Process>>;
}
