//! Pools, schedules, guards and breakers, of functions and futures that are bad.

use std::mem::forget;
use std::time::Duration;

use otp_core::gen_server::StartError;
use otp_core::guard::{Backoff, Guard};
use otp_core::overload::CircuitBreaker;
use otp_core::prelude::*;
use otp_core::process;
use otp_core::schedule::{Overlap, Schedule};
use otp_core::worker_pool::WorkerPool;

use crate::bad::{Bad, arm, around, disarm, good, later, play, settle};

const MS: Duration = Duration::from_millis(1);

struct Worker(Bad);

impl GenServer for Worker {
    type Args = ();
    type Call = ReplyTo<Bad>;
    type Cast = Never;
    type Info = Never;
    type Continue = Never;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(Bad(2))))
    }

    async fn handle_call(&mut self, from: ReplyTo<Bad>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(self.0.clone())
    }
}

#[test]
fn workers_start_end_and_are_lent() {
    play(|| async {
        let pool = good(async {
            let held = Bad(1);
            let start = move || {
                assert!(held.number() == 1, "held");
                around(Worker::start_link(()))
            };
            WorkerPool::options(2, start)
                .backoff(Backoff::constant(MS))
                .start()
                .await
                .expect("nothing is bad yet")
        })
        .await;
        arm();
        for _ in 0..3 {
            let all = pool.clone();
            let apart = process::spawn(move |_: Mailbox<Never>| async move {
                let worker = all.checkout().await.expect("one is free");
                forget(worker.call(|from| from).await);
                process::exit(worker.pid(), ExitReason::Kill);
                forget(all.checkout().timeout(MS).await);
            });
            apart.wait().await;
            settle().await;
            assert!(pool.is_alive());
        }
        let status = pool.status().await.expect("it lives");
        assert_eq!((status.idle, status.missing), (2, 0));
        assert_eq!(pool.stop().await, Ok(()));
        disarm();
    });
}

#[test]
fn workers_do_not_start() {
    play(|| async {
        arm();
        for way in 0..3 {
            let held = Bad(way);
            let start = move || {
                assert!(held.number() > 0, "not called");
                let fails = held.number() == 1;
                around(async move {
                    match fails {
                        true => Err(StartError::Timeout(MS)),
                        false => panic!("not started"),
                    }
                })
            };
            let started = WorkerPool::<Worker>::options(2, start).start().await;
            assert!(started.is_err());
        }
        disarm();
    });
}

#[test]
fn jobs_are_done_again_and_again() {
    play(|| async {
        let tree = good(async {
            let (held, other) = (Bad(1), Bad(2));
            let job = move || {
                forget(held.clone());
                around(async {})
            };
            let slow = move || {
                let n = other.number();
                around(async move {
                    later(n).await;
                    panic!("too slow")
                })
            };
            let often = Schedule::every(MS);
            let tree = Supervisor::new(Strategy::OneForOne)
                .child(often.clone().child_spec("job", job))
                .child(often.overlap(Overlap::Start).child_spec("slow", slow));
            tree.start().await.expect("nothing is bad yet")
        })
        .await;
        arm();
        settle().await;
        assert!(tree.is_alive());
        tree.stop().await.expect("it lives");
        disarm();
    });
}

#[test]
fn children_are_guarded() {
    play(|| async {
        let tree = good(async {
            let held = Bad(1);
            let child = ChildSpec::worker("child", move || {
                forget(held.clone());
                around(Worker::start_link(()))
            });
            let guard = Guard::new().backoff(Backoff::constant(MS));
            let tree = Supervisor::new(Strategy::OneForOne).child(child.guarded(guard));
            tree.start().await.expect("nothing is bad yet")
        })
        .await;
        arm();
        settle().await;
        assert!(tree.is_alive());
        tree.stop().await.expect("it lives");
        disarm();
    });
}

#[test]
fn calls_fail_and_are_given_up() {
    play(|| async {
        let breaker = CircuitBreaker::new(2, MS);
        arm();
        for way in 0..4 {
            let breaker = breaker.clone();
            let apart = process::spawn(move |_: Mailbox<Never>| async move {
                let call = around(async move {
                    match way {
                        0 => Ok(Bad(1)),
                        1 => Err(Bad(2)),
                        2 => panic!("no call"),
                        _ => std::future::pending().await,
                    }
                });
                forget(tokio::time::timeout(MS, breaker.run(call)).await);
            });
            apart.wait().await;
        }
        settle().await;
        let outcome = breaker.run(async { Ok::<_, ()>(1) }).await;
        assert_eq!(outcome, Ok(1), "it is tried again");
        disarm();
    });
}
