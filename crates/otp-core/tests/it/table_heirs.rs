//! Tables that go from one owner to another.

use otp_core::prelude::*;
use otp_core::table::{self, Access, Receiver, Set, TableError, Transfer};
use otp_core::test::Probe;
use otp_core::{MailboxLimit, ProcessRef, Recipient, process, sys};

use crate::puppet::{Puppet, boom};
use crate::support::{in_process, settle};
use crate::table_owners::{Shared, no_table, owner};

/// What a process is told that gets tables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    Transfer(&'static str, Transfer<Shared>),
    Down(Down),
}

/// A process that reports what it is told until it is ended, and monitors `watched`.
pub(crate) async fn heir(probe: &Probe<Told>, watched: Option<Pid>) -> ProcessRef<Told> {
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let probe = probe.clone();
    let heir = process::spawn(move |mut mailbox: Mailbox<Told>| async move {
        if let Some(watched) = watched {
            mailbox.monitor(watched, Told::Down);
        }
        ready.send(()).expect("it is waited for");
        loop {
            probe.report(mailbox.receive().await);
        }
    });
    is_ready.await.expect("it says so");
    heir
}

// ETS-009
#[tokio::test(start_paused = true)]
async fn an_heir_gets_the_table_and_hears_of_it_before_the_end() {
    in_process(async {
        let probe = Probe::new();
        let puppet = Puppet::new(&process::node());
        let heir = heir(&probe, Some(puppet.pid())).await;
        let to = heir.clone();
        let table = puppet.does(move |_| {
            let options = table::set("shared").named();
            let options = options.heir(&to, |transfer| Told::Transfer("inherited", transfer));
            let table: Shared = options.create()?;
            table.insert(1, 5)?;
            Ok::<_, TableError>(table)
        });
        let table = table.await.unwrap();
        puppet.ends(boom()).await;
        let transfer = Transfer {
            table: table.clone(),
            from: puppet.pid(),
        };
        assert_eq!(probe.next().await, Told::Transfer("inherited", transfer));
        assert!(matches!(probe.next().await, Told::Down(_)));
        assert_eq!(table.owner(), Some(heir.pid()));
        assert_eq!(
            (table.lookup(&1), table.name()),
            (Ok(Some(5)), "shared".into())
        );
        assert_eq!(table::named("shared"), Ok(table.clone()));
        // Its own heir it cannot be.
        process::exit(&heir, ExitReason::Kill);
        heir.wait().await;
        assert_eq!(table.lookup(&1), Err(no_table("shared")));
        assert_eq!(
            table::named::<u32, u32, Set>("shared"),
            Err(no_table("shared"))
        );
    })
    .await;
}

// ETS-009
#[tokio::test(start_paused = true)]
async fn without_a_living_heir_the_table_ends() {
    in_process(async {
        let probe = Probe::new();
        // One that has ended, one that never was, one that is taken back.
        for case in 0..3 {
            let (puppet, table) = owner(Access::Public).await;
            let heir = heir(&probe, None).await;
            let (there, to) = (table.clone(), heir.clone());
            let set = puppet.does(move |_| match case {
                1 => there.set_heir("nobody", |transfer| Told::Transfer("", transfer)),
                _ => there.set_heir(&to, |transfer| Told::Transfer("", transfer)),
            });
            assert_eq!(set.await, Ok(()));
            match case {
                0 => {
                    process::exit(&heir, ExitReason::Kill);
                    heir.wait().await;
                }
                1 => {}
                _ => {
                    let there = table.clone();
                    assert_eq!(puppet.does(move |_| there.set_no_heir()).await, Ok(()));
                }
            }
            puppet.ends(boom()).await;
            assert_eq!(table.lookup(&1), Err(no_table("shared")));
            settle().await;
            assert_eq!(probe.drain(), []);
        }
    })
    .await;
}

// ETS-009
#[tokio::test(start_paused = true)]
async fn a_table_is_given_away_at_once_and_by_its_owner_only() {
    in_process(async {
        let probe = Probe::new();
        let (first, second) = (heir(&probe, None).await, heir(&probe, None).await);
        process::register("second", &second).unwrap();
        let me = process::current();
        let table: Shared = table::set("gift").create().unwrap();
        table
            .set_heir(&second, |transfer| Told::Transfer("inherited", transfer))
            .unwrap();
        let given = |transfer| Told::Transfer("given", transfer);
        assert_eq!(table.give_away(&first, given), Ok(()));
        assert_eq!(table.owner(), Some(first.pid()));
        let transfer = |from| Transfer {
            table: table.clone(),
            from,
        };
        assert_eq!(probe.next().await, Told::Transfer("given", transfer(me)));
        assert!(matches!(table.insert(1, 1), Err(TableError::Denied { .. })));
        assert!(matches!(
            table.give_away(&second, given),
            Err(TableError::Denied { .. })
        ));
        // It belongs to its new owner in every respect: the heir is kept.
        process::exit(&first, ExitReason::Kill);
        assert_eq!(
            probe.next().await,
            Told::Transfer("inherited", transfer(first.pid()))
        );
        assert_eq!(table.owner(), Some(second.pid()));

        let other: Shared = table::set("gift").create().unwrap();
        let refused = |receiver| {
            Err(TableError::NoReceiver {
                table: "gift".into(),
                receiver,
            })
        };
        let dead = refused(Receiver::Process(first.pid()));
        assert_eq!(other.give_away(&first, given), dead);
        assert_eq!(
            other.give_away("nobody", given),
            refused(Receiver::NoProcess)
        );
        assert_eq!(other.owner(), Some(me));
        assert_eq!(other.give_away("second", given), Ok(()));
        assert_eq!(other.owner(), Some(second.pid()));
    })
    .await;
}

// ETS-009
#[tokio::test(start_paused = true)]
async fn a_process_does_not_give_a_table_to_itself_or_to_another_node() {
    in_process(async {
        let table: Shared = table::set("gift").create().unwrap();
        let mine = process::spawn(move |mailbox: Mailbox<Told>| async move {
            let table: Shared = table::set("own").create()?;
            let given = table.give_away(mailbox.me(), |transfer| Told::Transfer("", transfer));
            assert!(
                matches!(given, Err(TableError::NoReceiver { .. })),
                "{given:?}"
            );
            Ok::<_, TableError>(())
        });
        assert_eq!(mine.wait().await, ExitReason::Normal);
        let elsewhere = Node::new().spawn(|mut mailbox: Mailbox<Told>| async move {
            mailbox.receive().await;
        });
        let given = table.give_away(&elsewhere, |transfer| Told::Transfer("", transfer));
        assert!(
            matches!(given, Err(TableError::NoReceiver { .. })),
            "{given:?}"
        );
        assert_eq!(table.owner(), Some(process::current()));
    })
    .await;
}

// ETS-009: no process owns a table without a message of it. The function that makes the message is the user's code.
#[tokio::test(start_paused = true)]
async fn a_table_whose_heir_cannot_be_told_ends() {
    in_process(async {
        let probe = Probe::new();
        let (puppet, table) = owner(Access::Public).await;
        let heir = heir(&probe, Some(puppet.pid())).await;
        let (there, to) = (table.clone(), heir.clone());
        let set = puppet.does(move |_| there.set_heir::<Told>(&to, |_| panic!("no message")));
        assert_eq!(set.await, Ok(()));
        puppet.ends(ExitReason::Normal).await;
        assert!(matches!(probe.next().await, Told::Down(_)));
        assert_eq!(table.owner(), None);
        assert_eq!(table.lookup(&1), Err(no_table("shared")));
    })
    .await;
}

/// A server that reports the giver of a table.
struct Keeper(Probe<Pid>);

#[gen_server]
impl GenServer for Keeper {
    type Args = Probe<Pid>;
    type Cast = ();
    type Info = Transfer<Shared>;

    async fn init(probe: Probe<Pid>, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(probe)))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    async fn handle_info(
        &mut self,
        info: Info<Transfer<Shared>>,
        _: &mut Context<Self>,
    ) -> Next<Self> {
        if let Info::Message(transfer) = info {
            self.0.report(transfer.from);
        }
        Next::NoReply
    }
}

// ETS-009: a full mailbox loses what others send. A transfer is no such message: the table has another owner already.
#[tokio::test(start_paused = true)]
async fn a_transfer_gets_into_a_full_mailbox() {
    in_process(async {
        for limit in [
            MailboxLimit::refuse(2),
            MailboxLimit::drop_newest(2),
            MailboxLimit::drop_oldest(2),
            MailboxLimit::kill(2),
        ] {
            let given = |transfer| Told::Transfer("given", transfer);
            let body = process::node().run_with(move |mut mailbox: Mailbox<Told>| async move {
                mailbox.set_limit(Some(limit));
                let me = mailbox.me();
                let (puppet, table) = owner(Access::Public).await;
                let transfer = Transfer {
                    table: table.clone(),
                    from: puppet.pid(),
                };
                let filler = |transfer| Told::Transfer("filler", transfer);
                me.send(filler(transfer.clone()));
                me.send(filler(transfer.clone()));
                let (there, to) = (table.clone(), Recipient::from(&me).map(given));
                let gives = puppet.does(move |_| there.give_away(&to, |transfer| transfer));
                assert_eq!(gives.await, Ok(()));
                if limit == MailboxLimit::drop_oldest(2) {
                    // What comes later does not take its place.
                    me.send(filler(transfer.clone()));
                    me.send(filler(transfer.clone()));
                }
                let wanted = |told: &Told| *told == given(transfer.clone());
                mailbox.receive_match(wanted).await;
                assert_eq!(mailbox.len(), 2);
            });
            assert_eq!(body.await, Ok(()), "{limit:?}");
        }
    })
    .await;
}

// ETS-009
#[tokio::test(start_paused = true)]
async fn a_transfer_gets_into_the_full_mailbox_of_a_server() {
    in_process(async {
        let probe = Probe::new();
        let options = Keeper::options().mailbox_limit(MailboxLimit::refuse(1));
        let keeper = options.start(probe.clone()).await.expect("it starts");
        sys::suspend(&keeper).await.expect("it lives");
        let (puppet, table) = owner(Access::Public).await;
        let (there, to) = (table.clone(), keeper.clone());
        let set = puppet.does(move |_| there.set_heir(&to, |transfer| transfer));
        assert_eq!(set.await, Ok(()));
        keeper.cast(());
        assert_eq!(keeper.try_cast(()), Err(()), "its mailbox is full");
        puppet.ends(boom()).await;
        assert_eq!(table.owner(), Some(keeper.pid()));
        settle().await;
        assert_eq!(probe.drain(), [], "it is suspended");
        sys::resume(&keeper).await.expect("it lives");
        assert_eq!(probe.next().await, puppet.pid());
    })
    .await;
}

// ETS-009: a new owner gets a message, so a process for which no message can be made does not get the table.
#[otp_core::test]
async fn a_table_whose_message_cannot_be_made_is_not_given_away() {
    let probe = Probe::new();
    let heir = heir(&probe, None).await;
    let table: Shared = table::set("kept").create().expect("it has no name");
    let given = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        table.give_away(&heir, |_| -> Told { panic!("no message") })
    }));
    assert!(given.is_err());
    assert_eq!(table.owner(), Some(process::current()));
}
