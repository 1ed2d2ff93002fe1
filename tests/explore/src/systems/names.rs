//! The holder of a name ends, and several want to have it.

use otp_core::prelude::*;
use otp_core::{RegisterError, process};

use crate::cast::{Heard, Log, assert_alone, boom, rest, settle, someone};

/// Wants the name as soon as it hears that its holder has ended.
async fn heir(
    mut mailbox: Mailbox<Heard>,
    holder: Pid,
    results: Log<(Pid, Result<(), RegisterError>)>,
) {
    mailbox.monitor(holder, Heard::Down);
    mailbox.receive().await;
    let me = mailbox.pid();
    results.add((me, process::register("it", me)));
    // Until it is told that all is over.
    mailbox.receive().await;
}

pub(super) async fn system(_: Mailbox<Heard>) {
    let holder = process::spawn(|mut mailbox: Mailbox<Never>| async move {
        mailbox.receive().await;
    });
    process::register("it", &holder).expect("nobody has it");
    let (results, pid) = (Log::new(), holder.pid());
    someone(async move {
        rest(3).await;
        process::exit(pid, boom());
    });
    let heirs: Vec<ProcessRef<Heard>> = (0..4)
        .map(|_| {
            let results = results.clone();
            process::spawn(move |mailbox| heir(mailbox, pid, results))
        })
        .collect();
    for _ in 0..20 {
        if let Some(found) = process::whereis("it") {
            assert!(process::node().is_alive(found), "never a dead one");
        }
        rest(1).await;
    }
    settle().await;

    let owner = process::whereis("it").expect("the first one to ask has got it");
    for (pid, result) in results.take() {
        match result {
            Ok(()) => assert_eq!(pid, owner),
            Err(RegisterError::NameTaken { pid: holder, .. }) => assert_eq!(holder, owner),
            Err(other) => panic!("{other}"),
        }
    }
    for heir in &heirs {
        heir.send(Heard::Note(0));
        heir.wait().await;
    }
    assert_alone();
}
