use std::time::Duration;
use otp_core::prelude::*;
use otp_core::process;

struct Calc { total: i64, parked: Vec<ReplyTo<i64>> }
enum Call { Total(ReplyTo<i64>), Quit(ReplyTo<i64>), Park(ReplyTo<i64>), DropIt(ReplyTo<i64>), Die(ReplyTo<i64>) }
enum Cast { Add(i64), Boom }
impl GenServer for Calc {
    type Args = i64; type Call = Call; type Cast = Cast; type Info = Never; type Continue = Never;
    async fn init(total: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self { total, parked: vec![] }))
    }
    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Total(from) => from.reply(self.total),
            Call::Quit(from) => from.reply(self.total).then(Next::Stop(ExitReason::Normal)),
            Call::Park(from) => { self.parked.push(from); Reply::later() }
            Call::DropIt(_from) => Reply::later(),
            Call::Die(_from) => Reply::later().then(Next::Stop(ExitReason::other("die"))),
        }
    }
    async fn handle_cast(&mut self, cast: Cast, _: &mut Context<Self>) -> Next<Self> {
        match cast { Cast::Add(n) => self.total += n, Cast::Boom => panic!("boom") }
        Next::NoReply
    }
}

#[tokio::test(start_paused = true)]
async fn smoke() {
    let out = Node::new().run(async {
        let c = Calc::start(1).await.unwrap();
        c.cast(Cast::Add(10));
        assert_eq!(c.call(Call::Total).await, Ok(11));
        assert!(matches!(c.call(Call::DropIt).await, Err(CallError::ReplyDropped { .. })));
        let r = c.call_timeout(Duration::from_millis(10), Call::Park).await;
        assert!(matches!(r, Err(CallError::Timeout { .. })), "{r:?}");
        let q = c.send_request(Call::Park);
        c.cast(Cast::Boom);
        let q2 = c.send_request(Call::Total);
        let r = q.await;
        assert!(matches!(&r, Err(CallError::Exited { reason: ExitReason::Panic(p), .. }) if p.message == "boom"), "{r:?}");
        let r = q2.await;
        assert!(matches!(&r, Err(CallError::Exited { reason: ExitReason::Panic(_), .. })), "{r:?}");
        assert!(matches!(c.call(Call::Total).await, Err(CallError::NoProcess { .. })));
        let c = Calc::start(1).await.unwrap();
        assert_eq!(c.call(Call::Quit).await, Ok(1));
        assert_eq!(c.wait().await, ExitReason::Normal);
        let c = Calc::start(1).await.unwrap();
        let r = c.call(Call::Die).await;
        assert!(matches!(&r, Err(CallError::Exited { reason, .. }) if *reason == ExitReason::other("die")), "{r:?}");
        let c = Calc::start(1).await.unwrap();
        process::link(&c);
        c.cast(Cast::Boom);
        std::future::pending::<()>().await;
    }).await;
    assert!(matches!(out, Err(ExitReason::Panic(_))), "{out:?}");
}
