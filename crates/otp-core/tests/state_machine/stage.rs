//! A machine with its book, and what it is seen to do.

use otp_core::prelude::*;
use otp_core::sys;
use otp_core::test::Probe;

use crate::book::{Ask, Book, Player};

pub(crate) struct Stage {
    pub(crate) machine: ServerRef<Machine<Player>>,
    pub(crate) probe: Probe<String>,
}

impl Stage {
    /// Starts a machine without a link.
    pub(crate) async fn start(text: &str) -> Self {
        Self::with(text, |book| book).await
    }

    /// The same, with a book that is changed first.
    pub(crate) async fn with(text: &str, change: impl FnOnce(Book) -> Book) -> Self {
        let probe = Probe::new();
        let book = change(Book::new(text, &probe));
        let machine = Player::start(book).await.expect("the machine starts");
        Self { machine, probe }
    }

    /// Sends casts, in this order.
    pub(crate) fn cast(&self, names: &str) -> &Self {
        for name in names.split_whitespace() {
            self.machine.cast(name.to_owned());
        }
        self
    }

    pub(crate) async fn call(&self, name: &str) -> Result<String, CallError> {
        let name = name.to_owned();
        self.machine.call(|from| Ask(name, from)).await
    }

    /// Waits until the machine has handled what it has got; this is no event for it.
    pub(crate) async fn settled(&self) -> &Self {
        let looked = sys::get_state(&self.machine, |_| ()).await;
        looked.expect("the machine lives");
        self
    }

    /// What it has done since the last time, once it has handled what it has got.
    pub(crate) async fn seen(&self) -> Vec<String> {
        self.settled().await;
        self.probe.drain()
    }

    /// Checks what it has done since the last time.
    pub(crate) async fn check(&self, expected: &[&str]) -> &Self {
        assert_eq!(self.seen().await, expected);
        self
    }

    /// Waits for exactly these events, which may take their time.
    pub(crate) async fn wait_for(&self, expected: &[&str]) -> &Self {
        for expected in expected {
            assert_eq!(self.probe.next().await, *expected);
        }
        self.check(&[]).await
    }

    /// Waits until the machine has ended, and checks what it did until then.
    pub(crate) async fn ended(&self, expected: &[&str]) -> ExitReason {
        let reason = self.machine.wait().await;
        assert_eq!(self.probe.drain(), expected);
        reason
    }

    pub(crate) async fn state(&self) -> (String, u32) {
        let look = |machine: &Machine<Player>| (machine.state().clone(), machine.data().count);
        sys::get_state(&self.machine, look)
            .await
            .expect("the machine lives")
    }
}
