//! A connection that tries again, later and later: `cargo run -p otp-core --example connection -- 127.0.0.1:7000`.
//!
//! Start something that listens there at any time, such as `nc -l 7000`, and end it again. What is sent while there is no
//! connection waits until there is one; whoever sends decides how long to wait.

#![allow(clippy::print_stdout, reason = "it shows what happens")]

use std::error::Error;
use std::time::Duration;

use otp_core::prelude::*;
use otp_core::process;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

struct Connection {
    address: String,
    writer: Option<OwnedWriteHalf>,
    /// Attempts that have failed since the last connection.
    failures: u32,
}

#[derive(Debug, PartialEq)]
enum State {
    Connecting,
    Connected,
    Waiting,
}

enum Call {
    Send(String, ReplyTo<()>),
}

/// To try at once.
struct Now;

enum Message {
    Up(TcpStream),
    Refused(String),
    Closed,
}

struct Connect;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Timer {
    Slow,
    Retry,
}

#[state_machine]
impl StateMachine for Connection {
    type Args = String;
    type State = State;
    type Call = Call;
    type Cast = Now;
    type Info = Message;
    type Internal = Connect;
    type Timer = Timer;

    async fn init(
        address: String,
        _: &mut Context<Machine<Self>>,
    ) -> Result<Initial<Self>, ExitReason> {
        let connection = Self {
            address,
            writer: None,
            failures: 0,
        };
        Ok(Initial::state(State::Connecting, connection).insert(Connect))
    }

    async fn handle(
        &mut self,
        state: &State,
        event: Event<Self>,
        context: &mut Context<Machine<Self>>,
    ) -> Transition<Self> {
        match (state, event) {
            (State::Connecting, Event::Internal(Connect)) => {
                self.dial(context.me());
                Transition::keep().state_timeout(Timer::Slow, Duration::from_secs(5))
            }
            (State::Connecting, Event::Info(Message::Up(stream))) => {
                let (reader, writer) = stream.into_split();
                watch(reader, context.me());
                self.writer = Some(writer);
                self.failures = 0;
                println!("connected");
                // What was postponed comes again now.
                Transition::next(State::Connected)
            }
            (State::Connecting, Event::Info(Message::Refused(why))) => self.back_off(&why),
            (State::Connecting, Event::Timeout(Timer::Slow)) => self.back_off("it takes too long"),
            (State::Connected, Event::Info(Message::Closed)) => {
                self.back_off("the other side has closed it")
            }
            (State::Connected, Event::Call(Call::Send(line, from))) => {
                match self.write(&line).await {
                    Ok(()) => Transition::keep().reply(from, ()),
                    Err(error) => {
                        let call = Event::Call(Call::Send(line, from));
                        self.back_off(&error.to_string()).postpone(call)
                    }
                }
            }
            (_, send @ Event::Call(Call::Send(..))) => Transition::keep().postpone(send),
            (State::Waiting, Event::Timeout(Timer::Retry) | Event::Cast(Now)) => {
                Transition::next(State::Connecting).insert(Connect)
            }
            // What comes too late, and the ends of the helpers.
            (_, _) => Transition::keep(),
        }
    }
}

impl Connection {
    /// Connects in a process of its own: the machine goes on hearing what comes.
    fn dial(&self, me: ServerRef<Machine<Self>>) {
        let address = self.address.clone();
        process::spawn_link(move |_: Mailbox<Never>| async move {
            me.send(match TcpStream::connect(&address).await {
                Ok(stream) => Message::Up(stream),
                Err(error) => Message::Refused(error.to_string()),
            });
        });
    }

    async fn write(&mut self, line: &str) -> std::io::Result<()> {
        match &mut self.writer {
            Some(writer) => writer.write_all(format!("{line}\n").as_bytes()).await,
            None => Ok(()),
        }
    }

    fn back_off(&mut self, why: &str) -> Transition<Self> {
        self.writer = None;
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(16));
        let wait = wait.min(LONGEST_WAIT);
        self.failures += 1;
        println!("{why}; again in {wait:?}");
        Transition::next(State::Waiting).state_timeout(Timer::Retry, wait)
    }
}

/// Says when the other side closes the connection.
fn watch(mut reader: OwnedReadHalf, me: ServerRef<Machine<Connection>>) {
    process::spawn_link(move |_: Mailbox<Never>| async move {
        let mut bytes = [0; 1_024];
        while matches!(reader.read(&mut bytes).await, Ok(1..)) {}
        me.send(Message::Closed);
    });
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or("127.0.0.1:7000".to_owned());
    let sent = Node::new().try_run(async move {
        let connection = Connection::start_link(address).await?;
        for n in 1..=3 {
            let send = connection.call(|from| Call::Send(format!("line {n}"), from));
            match send.timeout(Duration::from_secs(60)).await {
                Ok(()) => println!("sent line {n}"),
                Err(error) => println!("line {n}: {error}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(connection.stop().await?)
    });
    Ok(sent.await?)
}
