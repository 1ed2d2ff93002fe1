//! What the attribute `gen_server` checks in a callback leaves correct code as it is.

#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "ends without a semicolon are the point"
)]
#![allow(
    clippy::blocks_in_conditions,
    reason = "a block in a condition has an end, too"
)]

use otp_core::prelude::*;

/// Makes replies itself: its `send` is none of a `ReplyTo`.
struct Clerk(u32);

impl Clerk {
    fn send(self, from: ReplyTo<u32>) -> Reply<Desk> {
        from.reply(self.0)
    }
}

enum Call {
    Arms(ReplyTo<u32>),
    Branches(ReplyTo<u32>),
    Statement(ReplyTo<u32>),
    Own(ReplyTo<u32>),
    Scope(ReplyTo<u32>),
}

struct Desk(bool);

#[gen_server]
impl GenServer for Desk {
    type Args = bool;
    type Call = Call;

    async fn init(open: bool, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(open)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Arms(from) => match self.0 {
                true => from.send(1),
                false => from.send(2),
            },
            Call::Branches(from) => {
                if self.0 {
                    from.send(3)
                } else {
                    from.send(4)
                }
            }
            Call::Statement(from) => {
                match self.0 {
                    true => from.send(5),
                    false => drop(from),
                }
                return Reply::later();
            }
            Call::Own(from) => {
                let clerk = Clerk(6);
                return match self.0 {
                    true => clerk.send(from),
                    false => Clerk(7).send(from),
                };
            }
            Call::Scope(from) => {
                let clerk = Clerk(8);
                let is_open = { self.0 };
                return if is_open {
                    clerk.send(from)
                } else {
                    from.reply(9).then(Next::NoReply)
                };
            }
        }
        Reply::later()
    }
}

/// Its callback ends with a `send` that makes a reply.
struct Counter;

#[gen_server]
impl GenServer for Counter {
    type Call = ReplyTo<u32>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Reply<Self> {
        struct Hand;
        impl Hand {
            fn send(self, from: ReplyTo<u32>) -> Reply<Counter> {
                from.reply(10)
            }
        }
        let hand = Hand;
        if true {
            hand.send(from)
        } else {
            match hand {
                hand => hand.send(from),
            }
        }
    }
}

/// It has no message and no next step of its own, and names those of another server.
struct Idle;

#[gen_server]
impl GenServer for Idle {
    type Cast = Next<Idle>;

    async fn init((): (), context: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        let _ = context.pid();
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, next: Next<Idle>, _: &mut Context<Self>) -> Next<Self> {
        if matches!(next, Next::Continue(_)) {
            return Next::NoReply;
        }
        match next {
            Next::Continue(never) => match never {},
            next => next,
        }
    }
}

/// A queue of notes: its `send` says whether there was room.
struct Notes;

impl Notes {
    fn send(&self, number: u32) -> bool {
        number < 12
    }

    fn send_after(&self, number: u32) -> u32 {
        number + 1
    }
}

/// An answer that needs one more step.
struct Draft(ReplyTo<u32>);

impl Draft {
    fn reply(self) -> Reply<Clock> {
        self.0.reply(13)
    }
}

/// Has names and functions of its own that are called like those of the library.
struct Clock(bool);

#[gen_server]
impl GenServer for Clock {
    type Args = bool;
    type Call = ReplyTo<u32>;

    async fn init(late: bool, _: &mut Context<Self>) -> Result<Init<Self>, Stop> {
        Ok(Init::state(Self(late)))
    }

    async fn handle_call(
        &mut self,
        from: ReplyTo<u32>,
        context: &mut Context<Self>,
    ) -> Reply<Self> {
        let _ = context.pid();
        let context = Notes;
        let number = context.send_after(10);
        if {
            let number = number + u32::from(self.0);
            context.send(number)
        } {
            return from.reply(number);
        }
        struct Pen;
        impl Pen {
            fn send(&self, from: ReplyTo<u32>) -> Draft {
                Draft(from)
            }
        }
        let (pen, brush) = (Pen, Pen);
        if self.0 {
            pen.send(from)
        } else {
            brush.send(from)
        }
        .reply()
    }
}

#[tokio::test(start_paused = true)]
async fn ends_that_are_replies_stay() {
    let node = Node::new();
    node.try_run(async {
        for (open, answers) in [(true, [1, 3, 5, 6, 8]), (false, [2, 4, 0, 7, 9])] {
            let desk = Desk::start_link(open).await?;
            assert_eq!(desk.call(Call::Arms).await, Ok(answers[0]));
            assert_eq!(desk.call(Call::Branches).await, Ok(answers[1]));
            match desk.call(Call::Statement).await {
                Ok(answer) => assert_eq!(answer, answers[2]),
                Err(error) => assert!(!open && matches!(error, CallError::ReplyDropped { .. })),
            }
            assert_eq!(desk.call(Call::Own).await, Ok(answers[3]));
            assert_eq!(desk.call(Call::Scope).await, Ok(answers[4]));
        }
        let counter = Counter::start_link(()).await?;
        assert_eq!(counter.call(|from| from).await, Ok(10));
        for (late, answer) in [(false, 11), (true, 13)] {
            let clock = Clock::start_link(late).await?;
            assert_eq!(clock.call(|from| from).await, Ok(answer));
        }
        let idle = Idle::start(()).await?;
        idle.cast(Next::Stop(ExitReason::Shutdown));
        assert_eq!(idle.wait().await, ExitReason::Shutdown);
        Ok(())
    })
    .await
    .expect("the servers live");
}
