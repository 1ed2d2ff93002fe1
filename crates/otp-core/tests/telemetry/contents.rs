//! What tables, registries, scopes and mailboxes hold, seen from outside.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp_core::gen_server::MessageView;
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::process::{self, Contents, ContentsQuery};
use otp_core::table::{self, Access};
use otp_core::{Registry, sys};

/// A value that must not be seen, and whose `Debug` fails.
#[derive(Clone)]
struct Secret(&'static str);

impl fmt::Debug for Secret {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("{} was to stay hidden", self.0)
    }
}

fn contents_of(name: &str, query: &ContentsQuery) -> Option<Contents> {
    let node = process::node();
    let infos = node.table_infos();
    let info = infos.iter().find(|info| info.name == name)?;
    let contents = node.table_contents(info.number, query);
    assert_eq!(info.visible, contents.is_some());
    contents
}

fn keys(contents: &Contents) -> Vec<&str> {
    let rows = contents.rows.iter();
    rows.filter_map(|row| row.key.as_deref()).collect()
}

#[tokio::test]
async fn a_visible_table_is_read_by_pages_and_by_text() {
    let ran = Node::new().run(async {
        let numbers = table::ordered_set::<u32, String>("numbers").visible();
        let numbers = numbers.create().expect("it is free");
        let all = (0..1_000).map(|n| (n, format!("number {n}")));
        numbers.insert_all(all).expect("it is mine");
        let page = ContentsQuery::new().offset(500).limit(3);
        let seen = contents_of("numbers", &page).expect("it is visible");
        assert_eq!((seen.total, seen.matching), (1_000, 1_000));
        assert_eq!(keys(&seen), ["500", "501", "502"]);
        assert_eq!(seen.rows[0].value.as_deref(), Some("\"number 500\""));
        let found = ContentsQuery::new()
            .containing("NUMBER 99")
            .offset(1)
            .limit(2);
        let found = contents_of("numbers", &found).expect("it is visible");
        assert_eq!((found.total, found.matching), (1_000, 11));
        assert_eq!(keys(&found), ["990", "991"]);
        let beyond = ContentsQuery::new().offset(1_000);
        assert!(
            contents_of("numbers", &beyond)
                .expect("it is visible")
                .rows
                .is_empty()
        );
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_table_shows_what_its_owner_permits() {
    let ran = Node::new().run(async {
        let all = ContentsQuery::new();
        let hidden = table::set::<&str, Secret>("hidden")
            .create()
            .expect("it is free");
        hidden.insert("key", Secret("pin")).expect("it is mine");
        assert_eq!(contents_of("hidden", &all), None);
        let private = table::set::<&str, u8>("private")
            .visible()
            .access(Access::Private);
        let private = private.create().expect("it is free");
        private.insert("key", 1).expect("it is mine");
        assert_eq!(contents_of("private", &all), None);
        private.set_access(Access::Public).expect("it is mine");
        assert!(contents_of("private", &all).is_some());
        let partly = table::bag::<&str, u32>("partly");
        let partly = partly.visible_as(|key, _| ((*key).to_owned(), "a number".to_owned()));
        let partly = partly.create().expect("it is free");
        partly
            .insert_all([("pin", 1234), ("pin", 4321)])
            .expect("it is mine");
        let seen = contents_of("partly", &all).expect("it is visible");
        assert_eq!(keys(&seen), ["pin", "pin"]);
        assert!(
            seen.rows
                .iter()
                .all(|row| row.value.as_deref() == Some("a number"))
        );
        let numbers: Vec<_> = process::node()
            .table_infos()
            .iter()
            .map(|it| it.number)
            .collect();
        partly.delete_table().expect("it is mine");
        let gone = numbers
            .iter()
            .filter(|it| process::node().table_contents(**it, &all).is_none());
        assert_eq!(gone.count(), 2, "the hidden one, and that which is gone");
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_row_whose_formatting_panics_is_a_row() {
    let ran = Node::new().run(async {
        let table = table::ordered_set::<u8, Secret>("secrets")
            .visible()
            .create();
        let table = table.expect("it is free");
        table
            .insert_all([(1, Secret("a")), (2, Secret("b"))])
            .expect("it is mine");
        let seen = contents_of("secrets", &ContentsQuery::new()).expect("it is visible");
        assert_eq!(seen.total, 2);
        assert!(
            keys(&seen).iter().all(|key| key.contains("panicked")),
            "{seen:?}"
        );
    });
    ran.await.expect("nothing fails");
}

/// How often a [`Long`] has written something.
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// A value whose `Debug` has no end before so many characters.
#[derive(Clone)]
struct Long(usize);

impl fmt::Debug for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|_| {
            WRITTEN.fetch_add(1, Ordering::Relaxed);
            f.write_str("ä")
        })
    }
}

#[tokio::test]
async fn a_text_is_not_written_further_than_it_is_shown() {
    let ran = Node::new().run(async {
        let table = table::set::<u8, Long>("long").visible().create();
        let table = table.expect("it is free");
        table.insert(1, Long(10_000_000)).expect("it is mine");
        let seen = contents_of("long", &ContentsQuery::new()).expect("it is visible");
        let value = seen.rows[0].value.as_deref().expect("it has one");
        let (text, end) = value.split_at(64 << 10);
        assert!(text.chars().all(|it| it == 'ä') && end == "…", "{end}");
        assert_eq!(WRITTEN.load(Ordering::Relaxed), (32 << 10) + 1);
        table.insert(1, Long(32 << 10)).expect("it is mine");
        let seen = contents_of("long", &ContentsQuery::new()).expect("it is visible");
        assert_eq!(seen.rows[0].value.as_ref().map(String::len), Some(64 << 10));
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn registries_and_scopes_show_keys_and_processes() {
    let ran = Node::new().run(async {
        let (node, me) = (process::node(), process::current());
        let rooms = Registry::<String, Secret>::duplicate("rooms");
        let keeper = rooms.start_link().await.expect("it starts");
        rooms.register("hall", Secret("value")).expect("it runs");
        rooms.register("attic", Secret("value")).expect("it runs");
        let all = ContentsQuery::new();
        let seen = node.entries(keeper, &all).expect("it is a registry");
        assert_eq!((seen.total, seen.rows[0].processes.clone()), (2, vec![me]));
        assert!(seen.rows.iter().all(|row| row.value.is_none()));
        let found = node.entries(keeper, &all.clone().containing("hall"));
        assert_eq!(keys(&found.expect("it is a registry")), ["\"hall\""]);
        let by_pid = node.entries(keeper, &all.clone().containing(&me.to_string()));
        assert_eq!(by_pid.expect("it is a registry").matching, 2);
        for (scope, name) in [
            (Scope::<&str>::new("hidden"), None),
            (Scope::<&str>::new("shown").visible(), Some("\"night\"")),
        ] {
            let server = scope.start_link().await.expect("it starts");
            scope.join("night", me).await.expect("it answers");
            scope.join("night", me).await.expect("it answers");
            let seen = node.entries(server, &all).expect("it is a scope");
            assert_eq!((seen.total, seen.rows[0].key.as_deref()), (1, name));
            assert_eq!(seen.rows[0].processes, [me, me]);
        }
        assert_eq!(node.entries(me, &all), None);
    });
    ran.await.expect("nothing fails");
}

/// A server that shows its casts, and not its calls.
struct Till;

#[gen_server]
impl GenServer for Till {
    type Call = ReplyTo<()>;
    type Cast = u32;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
    }

    async fn handle_call(&mut self, from: ReplyTo<()>, _: &mut Context<Self>) -> Reply<Self> {
        from.reply(())
    }

    async fn handle_cast(&mut self, _: u32, _: &mut Context<Self>) -> Next<Self> {
        Next::NoReply
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Cast(coins) => Some(format!("{coins} coins")),
            _ => None,
        }
    }
}

#[tokio::test]
async fn a_status_shows_the_first_messages_that_wait() {
    let ran = Node::new().run(async {
        let till = Till::start_link(()).await.expect("it starts");
        let idle = sys::get_status(&till).await.expect("it answers");
        assert!(idle.queue.is_empty());
        sys::suspend(&till).await.expect("it answers");
        till.cast(5);
        let asked = till.send_request(|from| from);
        (0..30).for_each(|n| till.cast(n));
        let status = sys::get_status(&till).await.expect("it answers");
        assert_eq!(status.queue[..3], ["cast 5 coins", "call", "cast 0 coins"]);
        assert_eq!(status.queue.len(), 20);
        sys::resume(&till).await.expect("it answers");
        drop(asked);
        till.call(|from| from).await.expect("it answers");
        let idle = sys::get_status(&till).await.expect("it answers");
        assert!(idle.queue.is_empty());
    });
    ran.await.expect("nothing fails");
}
