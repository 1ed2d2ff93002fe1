//! Tests of the chat with WebSocket clients.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use example_chat::boundary::rooms::ROOMS;
use example_chat::web;
use futures_util::{SinkExt, StreamExt, stream};
use otp_core::application::ExitStatus;
use otp_core::guard::GuardState;
use otp_core::prelude::*;
use otp_core::supervisor::ChildInfo;
use otp_core::{DynamicSupervisorRef, Task, application, process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The time limit of a wait in a test.
const PATIENCE: Duration = Duration::from_secs(60);

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A chat on the test's node.
struct Chat {
    address: SocketAddr,
    signal: oneshot::Sender<()>,
    status: Task<ExitStatus>,
}

impl Chat {
    fn start(idle: Duration) -> Self {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").expect("a port is free"));
        let address = listener.local_addr().expect("it is bound");
        let (signal, signalled) = oneshot::channel::<()>();
        let signals = stream::once(async { signalled.await.unwrap_or(()) });
        let node = process::node();
        let spec = web::application(&node, listener, idle);
        let status = Task::spawn(async move { application::run(&node, spec, signals).await });
        Self {
            address,
            signal,
            status,
        }
    }

    async fn join(&self, room: &str, name: &str) -> Client {
        Client::connect(self.address, room, name).await
    }

    /// The running rooms.
    async fn rooms(&self) -> Vec<Pid> {
        let node = process::node();
        let rooms = DynamicSupervisorRef::find(&node, Name::from(ROOMS));
        let rooms = rooms.expect("the chat runs").which_children().await;
        let guards = rooms.expect("it answers");
        let guards = guards.iter().filter_map(ChildInfo::pid);
        let states = guards.filter_map(|guard| node.guard_info(guard));
        states.filter_map(|it| running(it.state)).collect()
    }
}

fn running(state: GuardState) -> Option<Pid> {
    match state {
        GuardState::Running(room) => Some(room),
        _ => None,
    }
}

/// The answer to a GET.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the chat accepts");
    let request = format!("GET {path} HTTP/1.1\r\nHost: chat\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the connection stays");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it is text");
    answer
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(address: SocketAddr, room: &str, name: &str) -> Self {
        let url = format!("ws://{address}/rooms/{room}/{name}");
        let (socket, _) = connect_async(url).await.expect("the chat accepts");
        Self(socket)
    }

    async fn say(&mut self, text: &str) {
        let sent = self.0.send(Message::text(text)).await;
        sent.expect("the connection stays");
    }

    async fn message(&mut self) -> Option<Message> {
        let message = timeout(PATIENCE, self.0.next()).await;
        message.expect("a message or the end comes")?.ok()
    }

    async fn hears(&mut self, line: &str) {
        assert_eq!(self.message().await, Some(Message::text(line)));
    }

    /// Skips lines until this line arrives.
    async fn hears_at_last(&mut self, line: &str) {
        while self.message().await.expect("the connection stays") != Message::text(line) {}
    }

    async fn is_closed(&mut self) -> CloseFrame {
        match self.message().await {
            Some(Message::Close(Some(frame))) => frame,
            other => panic!("{other:?} is no close frame"),
        }
    }
}

#[otp_core::test(workers = 2)]
async fn two_users_talk_and_a_third_one_gets_the_last_lines() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    let mut bob = chat.join("kitchen", "bob").await;
    bob.hears("* ann joined").await;
    bob.hears("* bob joined").await;
    ann.hears("* bob joined").await;
    ann.say("tea?").await;
    for user in [&mut ann, &mut bob] {
        user.hears("ann: tea?").await;
    }
    bob.say("please").await;
    ann.hears("bob: please").await;

    let mut eve = chat.join("kitchen", "eve").await;
    for line in ["* ann joined", "* bob joined", "ann: tea?", "bob: please"] {
        eve.hears(line).await;
    }
    // Members of another room get no lines.
    let mut zoe = chat.join("garden", "zoe").await;
    zoe.hears("* zoe joined").await;
    assert_eq!(chat.rooms().await.len(), 2);
    let answer = get(chat.address, "/rooms").await;
    assert!(answer.ends_with("\r\n\r\n2"), "{answer}");
}

/// A server that is stuck until it is told to go on.
struct Stuck;

#[gen_server]
impl GenServer for Stuck {
    type Cast = oneshot::Receiver<()>;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_cast(&mut self, end: Self::Cast, _: &mut Context<Self>) -> Next<Self> {
        let _ = end.await;
        Next::NoReply
    }
}

#[otp_core::test(workers = 2)]
async fn the_numbers_name_a_stuck_server_and_do_not_wait_for_it() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    let stuck = Stuck::options().name("stuck").start_link(()).await;
    let (_go_on, end) = oneshot::channel();
    stuck.expect("it starts").cast(end);
    let mut quickest = PATIENCE;
    let mut look = interval(Duration::from_millis(20));
    loop {
        look.tick().await;
        let begun = Instant::now();
        let answer = get(chat.address, "/metrics").await;
        quickest = quickest.min(begun.elapsed());
        assert!(answer.contains("otp_restarts_total 0"), "{answer}");
        if answer.contains("process=\"stuck\",callback=\"handle_cast\"") {
            break;
        }
    }
    assert!(quickest < Duration::from_millis(50), "{quickest:?}");
}

#[otp_core::test(workers = 2)]
async fn a_closed_connection_leaves_the_room_and_frees_the_name() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    let mut twin = chat.join("kitchen", "ann").await;
    twin.hears("* a user in this room has this name already: choose another one")
        .await;
    assert_eq!(u16::from(twin.is_closed().await.code), 1000);

    let bob = chat.join("kitchen", "bob").await;
    ann.hears("* bob joined").await;
    // The connection is cut without a close frame.
    drop(bob);
    ann.hears("* bob left").await;
    let _bob = chat.join("kitchen", "bob").await;
    ann.hears("* bob joined").await;
}

#[otp_core::test(workers = 2)]
async fn many_concurrent_users_enter_one_room() {
    let chat = Chat::start(HOUR);
    let users = (0..20).map(|n| {
        let address = chat.address;
        Task::spawn(async move {
            let mut user = Client::connect(address, "kitchen", &format!("user-{n}")).await;
            user.hears_at_last(&format!("* user-{n} joined")).await;
            user
        })
    });
    let users: Vec<Task<Client>> = users.collect();
    let mut clients = Vec::new();
    for user in users {
        clients.push(user.await.unwrap());
    }
    assert_eq!(chat.rooms().await.len(), 1);
    clients[0].say("hello").await;
    for client in &mut clients {
        client.hears_at_last("user-0: hello").await;
    }
}

#[otp_core::test(workers = 2)]
async fn a_failed_room_is_restarted_and_its_members_join_again() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    let mut bob = chat.join("kitchen", "bob").await;
    ann.hears("* bob joined").await;
    bob.hears_at_last("* bob joined").await;
    let room = chat.rooms().await[0];
    process::node().exit(room, "boom");
    for user in [&mut ann, &mut bob] {
        user.hears("* the room has failed and was started again")
            .await;
    }
    // A session is a member again after the line of the new room.
    ann.hears_at_last("* ann joined").await;
    bob.hears_at_last("* bob joined").await;
    ann.say("still there?").await;
    bob.hears_at_last("ann: still there?").await;
    let rooms = chat.rooms().await;
    assert_eq!(rooms.len(), 1);
    assert_ne!(rooms[0], room);
}

#[otp_core::test(workers = 2)]
async fn a_room_that_fails_often_ends_no_other() {
    let chat = Chat::start(HOUR);
    let mut zoe = chat.join("garden", "zoe").await;
    zoe.hears("* zoe joined").await;
    let garden = chat.rooms().await;
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    for _ in 0..150 {
        let rooms = chat.rooms().await;
        let kitchen = rooms.into_iter().find(|room| !garden.contains(room));
        process::node().exit(kitchen.expect("it runs"), "boom");
        ann.hears("* the room has failed and was started again")
            .await;
        ann.hears_at_last("* ann joined").await;
    }
    zoe.say("how quiet").await;
    zoe.hears("zoe: how quiet").await;
    assert!(chat.rooms().await.contains(&garden[0]));
}

#[otp_core::test(workers = 2)]
async fn a_room_ends_when_it_is_empty_and_a_new_one_has_no_history() {
    // With such a short time rooms also end between their start and the join.
    let chat = Chat::start(Duration::from_micros(1));
    for _ in 0..20 {
        let mut ann = chat.join("kitchen", "ann").await;
        ann.hears("* ann joined").await;
        let room = chat.rooms().await[0];
        drop(ann);
        let reason = timeout(PATIENCE, process::node().wait(room)).await.unwrap();
        assert!(
            matches!(reason, None | Some(ExitReason::Normal)),
            "{reason:?}"
        );
    }
}

#[otp_core::test(workers = 2)]
async fn a_socket_that_does_not_read_is_closed_and_delays_no_member() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    // The test never reads from this socket.
    let _slow = chat.join("kitchen", "slow").await;
    ann.hears("* slow joined").await;
    let long = "x".repeat(60_000);
    let echo = Message::text(format!("ann: {long}"));
    // The buffers of the system and the mailbox hold about ten megabytes.
    for _ in 0..2_000 {
        ann.say(&long).await;
        let heard = ann.message().await.unwrap();
        if heard == Message::text("* slow left") {
            return;
        }
        assert!(heard == echo, "ann hears herself");
    }
    panic!("a socket that is not read stays");
}

#[otp_core::test(workers = 2)]
async fn a_signal_closes_all_sockets_and_ends_the_chat() {
    let chat = Chat::start(HOUR);
    let mut ann = chat.join("kitchen", "ann").await;
    ann.hears("* ann joined").await;
    chat.signal.send(()).unwrap();
    let goodbye = ann.is_closed().await;
    assert_eq!(u16::from(goodbye.code), 1001);
    assert_eq!(goodbye.reason.as_str(), "the server is going down");
    // A further read confirms the close.
    assert_eq!(ann.message().await, None);
    assert_eq!(chat.status.await.unwrap(), ExitStatus::Stopped);
}
