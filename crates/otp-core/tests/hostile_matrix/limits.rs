//! Mailboxes with a limit that are full of values that misbehave, and senders that wait for room.

use otp_core::prelude::*;
use otp_core::{MailboxLimit, process};
use tokio::time::{Duration, timeout};

use super::hostile::{Case, Hostile, Stage, apart, case, look_around, settle};
use super::servers::{Host, arm};

const LIMITS: [MailboxLimit; 4] = [
    MailboxLimit::refuse(2),
    MailboxLimit::drop_newest(2),
    MailboxLimit::drop_oldest(2),
    MailboxLimit::kill(2),
];

/// How long a sender waits before it gives up: in the end the messages are not received any more.
const PATIENCE: Duration = Duration::from_millis(5);

async fn use_full_mailboxes(stage: Stage) {
    for limit in LIMITS {
        let full = process::spawn(move |mut mailbox: Mailbox<Hostile>| async move {
            mailbox.set_limit(Some(limit));
            drop(mailbox.receive_match(|_| false).await);
        });
        settle().await;
        let (again, there) = (stage.clone(), full.clone());
        stage.arm(move || {
            look_around(&again.node);
            there.send(again.value(9));
        });
        for way in 0..4 {
            let (there, full) = (stage.clone(), full.clone());
            apart(move || async move {
                for n in 0..3 {
                    match way {
                        0 => full.send(there.value(n)),
                        1 => there.let_go(full.try_send(there.value(n))),
                        2 => there.let_go(timeout(PATIENCE, full.send_wait(there.value(n))).await),
                        _ => {
                            if let Ok(Ok(room)) = timeout(PATIENCE, full.reserve()).await {
                                there.let_go(room.send(there.value(n)));
                            }
                        }
                    }
                }
            })
            .await;
        }
        // One waits for room as the process dies.
        let (there, waits_at) = (stage.clone(), full.clone());
        let waiting = process::spawn(move |_: Mailbox<()>| async move {
            let refused = waits_at.send_wait(there.value(7)).await;
            there.let_go(refused);
        });
        settle().await;
        process::exit(&full, ExitReason::Kill);
        waiting.wait().await;
        stage.disarm();
    }
}

async fn use_full_servers(stage: Stage) {
    for limit in LIMITS {
        let host = Host::options().name("full").mailbox_limit(limit);
        let host = host
            .start((stage.value(0), true))
            .await
            .expect("nothing misbehaves yet");
        settle().await;
        arm(&stage, &host);
        for way in 0..10 {
            let (there, host) = (stage.clone(), host.clone());
            apart(move || async move {
                let name = ServerName::<Host>::new("full");
                let _ = otp_core::sys::suspend(&name).await;
                for n in 0..3 {
                    let value = || there.value(n);
                    match way {
                        0 => there.let_go(host.try_cast(value())),
                        1 => there.let_go(host.try_send(value())),
                        2 => there.let_go(timeout(PATIENCE, host.cast_wait(value())).await),
                        3 => there.let_go(timeout(PATIENCE, host.send_wait(value())).await),
                        4 => there.let_go(name.try_cast(value())),
                        5 => there.let_go(timeout(PATIENCE, name.cast_wait(value())).await),
                        8 => there.let_go(name.try_send(value())),
                        9 => there.let_go(timeout(PATIENCE, name.send_wait(value())).await),
                        _ => {
                            if let Ok(Ok(room)) = timeout(PATIENCE, host.reserve()).await {
                                match way {
                                    6 => there.let_go(room.cast(value())),
                                    _ => there.let_go(room.send(value())),
                                }
                            }
                        }
                    }
                }
                let _ = otp_core::sys::resume(&name).await;
            })
            .await;
        }
        process::exit(&host, ExitReason::Kill);
        host.wait().await;
        stage.disarm();
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "full mailboxes",
            &[
                "process/mailbox/reserve.rs::send",
                "process/mailbox/reserve.rs::send_wait",
            ],
            use_full_mailboxes,
        ),
        case(
            "full servers",
            &[
                "gen_server/permit.rs::cast",
                "gen_server/permit.rs::send",
                "gen_server/server_name.rs::cast_wait",
                "gen_server/server_name.rs::send_wait",
                "gen_server/server_name.rs::try_cast",
                "gen_server/server_name.rs::try_send",
                "gen_server/server_ref.rs::cast_wait",
                "gen_server/server_ref.rs::send_wait",
                "gen_server/server_ref.rs::try_cast",
                "gen_server/server_ref.rs::try_send",
            ],
            use_full_servers,
        ),
    ]
}
