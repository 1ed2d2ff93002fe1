//! `shop`: items, structs and variants.

use std::collections::BTreeMap;

use otp_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Default)]
pub(crate) struct Shop(BTreeMap<String, Item>);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    name: String,
    price: f64,
    qty: u32,
    tags: Vec<String>,
    note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename = "Elixir.Interop.Point")]
pub(crate) struct Point {
    x: i64,
    y: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    Empty,
    Circle(f64),
    Rect(f64, f64),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Error {
    Invalid(String),
    NotFound,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Put(Item, ReplyTo<Result<(), Error>>),
    Get(String, ReplyTo<Option<Item>>),
    Names(ReplyTo<Vec<String>>),
    Clear(ReplyTo<Result<(), Error>>),
    Rename(Rename, ReplyTo<Result<(), Error>>),
    Move(Point, i64, i64, ReplyTo<Point>),
    Area(Shape, ReplyTo<f64>),
    Flip(bool, ReplyTo<bool>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rename {
    from: String,
    to: String,
}

impl Shop {
    fn put(&mut self, item: Item) -> Result<(), Error> {
        if item.qty == 0 {
            return Err(Error::Invalid("qty".to_owned()));
        }
        self.0.insert(item.name.clone(), item);
        Ok(())
    }

    fn rename(&mut self, Rename { from, to }: Rename) -> Result<(), Error> {
        let mut item = self.0.remove(&from).ok_or(Error::NotFound)?;
        item.name.clone_from(&to);
        self.0.insert(to, item);
        Ok(())
    }
}

#[gen_server]
impl GenServer for Shop {
    type Call = Call;

    async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self::default()))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        match call {
            Call::Put(item, from) => from.reply(self.put(item)),
            Call::Get(name, from) => from.reply(self.0.get(&name).cloned()),
            Call::Names(from) => from.reply(self.0.keys().cloned().collect()),
            Call::Clear(from) => {
                self.0.clear();
                from.reply(Ok(()))
            }
            Call::Rename(names, from) => from.reply(self.rename(names)),
            Call::Move(Point { x, y }, dx, dy, from) => from.reply(Point {
                x: x.wrapping_add(dx),
                y: y.wrapping_add(dy),
            }),
            Call::Area(shape, from) => from.reply(match shape {
                Shape::Empty => 0.0,
                Shape::Circle(r) => 3.0 * r * r,
                Shape::Rect(w, h) => w * h,
            }),
            Call::Flip(truth, from) => from.reply(!truth),
        }
    }
}
