//! What a table, a registry or a scope of process groups holds.

use std::time::{Duration, Instant};

use otp_core::Pid;
use otp_core::process::{Contents, ContentsQuery, ContentsRow};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::held::table;
use super::{LONGEST, Row, short, title_of};
use crate::state::State;

/// The most processes of a row that are shown.
const MOST_PROCESSES: usize = 50;

/// What holds the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Holder {
    /// A table, by its number.
    Table(u64),
    /// The process of a registry or a scope.
    Keeper(Pid),
}

pub(crate) async fn look(
    state: &State,
    holder: Holder,
    query: &ContentsQuery,
    aside: &mut Duration,
) -> Value {
    let (node, query) = (state.node.clone(), query.clone());
    let begun = Instant::now();
    let seen = spawn_blocking(move || {
        let (about, contents) = match holder {
            Holder::Table(number) => {
                let infos = node.table_infos();
                let info = infos.iter().find(|info| info.number == number);
                let about = info.map(|info| table(&node, info));
                (about, node.table_contents(number, &query))
            }
            Holder::Keeper(pid) => {
                let about = node.process_info(pid).map(|info| json!(Row::of(&info)));
                (about, node.entries(pid, &query))
            }
        };
        let text = |text: Option<String>| text.map(|text| short(text, LONGEST));
        let row = |row: ContentsRow| {
            let processes = row.processes.iter().take(MOST_PROCESSES);
            let processes = processes
                .map(|pid| json!({ "pid": pid.to_string(), "title": title_of(&node, *pid) }));
            json!({
                "count": row.processes.len(),
                "processes": processes.collect::<Vec<_>>(),
                "key": text(row.key),
                "value": text(row.value),
            })
        };
        let visible = contents.is_some();
        let Contents {
            total,
            matching,
            rows,
            ..
        } = contents.unwrap_or_default();
        json!({
            "about": about,
            "visible": visible,
            "total": total,
            "matching": matching,
            "rows": rows.into_iter().map(row).collect::<Vec<_>>(),
        })
    });
    let seen = seen.await.unwrap_or_default();
    *aside += begun.elapsed();
    seen
}
