//! An event to each of a thousand handlers of one manager, until all of them have seen it.

use otp_core::event_manager::{EventManager, Handled};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::{WarmUp, Workload};
use crate::cost::{Cost, Stopwatch};
use crate::goal::Goal;
use crate::{floor, server};

const HANDLERS: u64 = 1_000;

pub(crate) const NOTIFY: Workload = Workload {
    name: "notify of 1,000",
    operations: HANDLERS * 200,
    step: HANDLERS,
    warm_up: WarmUp::Tenth,
    // Measured: 25 times the instructions and the time of the floor, whose handler is a call of a closure that adds. Ours
    // is a future in a box, and a panic in it ends the handler alone.
    goal: Goal::ratio(25.0, 35.0),
    floor,
    ours,
};

type Handler = Box<dyn FnMut(&u64) + Send>;

/// A task with a list of functions.
fn floor(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(floor::run(async move {
        let mut handlers: Vec<Handler> = Vec::new();
        for _ in 0..HANDLERS {
            let mut total = 0_u64;
            handlers.push(Box::new(move |n| total = total.wrapping_add(*n)));
        }
        let (sender, mut receiver) = mpsc::unbounded_channel::<(u64, oneshot::Sender<()>)>();
        floor::spawn(async move {
            while let Some((n, seen)) = receiver.recv().await {
                for handler in &mut handlers {
                    handler(&n);
                }
                let _ = seen.send(());
            }
        });
        let watch = Stopwatch::start();
        for n in 0..operations / HANDLERS {
            let (seen, is_seen) = oneshot::channel();
            floor::send(&sender, (n, seen));
            is_seen.await.expect("the task does not panic");
        }
        watch.stop()
    }))
}

fn ours(runtime: &Runtime, operations: u64) -> Cost {
    runtime.block_on(server::run(async move {
        let manager = EventManager::<u64>::start()
            .await
            .expect("its init cannot fail");
        for handler in 0..HANDLERS {
            let mut total = 0_u64;
            let added = manager.add_fn(handler.to_string(), move |n| {
                total = total.wrapping_add(*n);
                Handled::Keep
            });
            added.await.expect("its init cannot fail");
        }
        let watch = Stopwatch::start();
        for n in 0..operations / HANDLERS {
            manager.sync_notify(n).await.expect("the manager lives");
        }
        watch.stop()
    }))
}
