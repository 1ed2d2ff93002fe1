//! What tables, registries, process groups and mailboxes hold, as the page gets it.

use otp_core::gen_server::MessageView;
use otp_core::pg::Scope;
use otp_core::prelude::*;
use otp_core::{Registry, process, sys, table};
use otp_observer::Options;
use serde_json::{Value, json};

use crate::client::{Client, escaped};

#[tokio::test]
async fn a_visible_table_is_browsed_and_searched() {
    let ran = Node::new().run(async {
        let ages = table::ordered_set::<u32, String>("ages").visible().create();
        let ages = ages.expect("it is free");
        ages.insert_all((0..300).map(|n| (n, format!("age {n}"))))
            .expect("it is mine");
        let hidden = table::set::<u8, u8>("hidden").create().expect("it is free");
        hidden.insert(1, 2).expect("it is mine");
        let client = Client::of(&process::node(), Options::new()).await;
        let tables = client.until("view=held", |seen| {
            let tables = seen["tables"]["some"].as_array()?;
            let tables = tables
                .iter()
                .map(|it| (it["number"].clone(), it["visible"].clone()));
            Some(tables.collect::<Vec<_>>())
        });
        let tables = tables.await;
        assert_eq!((&tables[0].1, &tables[1].1), (&json!(true), &json!(false)));
        let of = |number: &Value, query: &str| {
            let query = format!("view=table&table={number}{query}");
            let client = &client;
            async move { client.until(&query, |seen| Some(seen.clone())).await }
        };
        let second = of(&tables[0].0, "&offset=100&limit=100").await;
        assert_eq!(second["about"]["name"], "ages");
        assert_eq!(
            (&second["total"], &second["matching"]),
            (&json!(300), &json!(300))
        );
        assert_eq!(second["rows"][0]["key"], "100");
        let found = of(&tables[0].0, "&text=age%20299").await;
        assert_eq!(
            (&found["matching"], &found["rows"][0]["value"]),
            (&json!(1), &json!("\"age 299\""))
        );
        let nothing = of(&tables[1].0, "").await;
        assert_eq!(
            (&nothing["visible"], &nothing["rows"]),
            (&json!(false), &json!([]))
        );
        assert_eq!(of(&json!(999_999), "").await["about"], Value::Null);
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn registries_and_groups_are_browsed() {
    let ran = Node::new().run(async {
        let me = process::current();
        let rooms = Registry::<String>::unique("rooms");
        let keeper = rooms.start_link().await.expect("it starts");
        rooms.register("hall", ()).expect("it is free");
        let crews = Scope::<&str>::new("crews").visible();
        let scope = crews.start_link().await.expect("it starts");
        crews.join("night", me).await.expect("it answers");
        let client = Client::of(&process::node(), Options::new()).await;
        for (kept_by, key) in [(keeper, "\"hall\""), (scope, "\"night\"")] {
            let query = format!("view=entries&pid={}", escaped(kept_by));
            let row = client
                .until(&query, |seen| Some(seen["rows"][0].clone()))
                .await;
            assert_eq!(row["key"], key);
            assert_eq!(row["processes"][0]["pid"], json!(me.to_string()));
        }
        let query = format!("view=entries&pid={}", escaped(me));
        let none = client
            .until(&query, |seen| Some(seen["visible"].clone()))
            .await;
        assert_eq!(none, json!(false));
    });
    ran.await.expect("nothing fails");
}

/// A server that shows its casts.
struct Till;

#[gen_server]
impl GenServer for Till {
    type Cast = u32;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self))
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
async fn a_suspended_server_shows_the_first_messages_of_its_queue() {
    let ran = Node::new().run(async {
        let till = Till::start_link(()).await.expect("it starts");
        sys::suspend(&till).await.expect("it answers");
        (1..=3).for_each(|n| till.cast(n));
        let client = Client::of(&process::node(), Options::new()).await;
        let query = format!("view=process&pid={}", escaped(till.pid()));
        let queue = client.until(&query, |seen| {
            Some(seen["status"]["queue"].as_array()?.clone())
        });
        assert_eq!(
            queue.await,
            ["cast 1 coins", "cast 2 coins", "cast 3 coins"]
        );
    });
    ran.await.expect("nothing fails");
}
