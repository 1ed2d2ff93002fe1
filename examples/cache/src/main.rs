//! Demonstrates the cache: many processes ask for one slow value, and then the owner is killed.

use std::io::{self, Write};
use std::time::Duration;

use example_cache::api::Cache;
use otp_core::prelude::*;
use otp_core::{Task, process};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), ExitReason> {
    Node::new().try_run(show()).await
}

async fn show() -> Result<(), Stop> {
    let node = process::node();
    let cache = Cache::<String, u64>::new(&node, "squares");
    let tree = Supervisor::new(Strategy::OneForOne).child(cache.child_spec());
    let tree = tree.start_link().await?;

    let askers: Vec<Task<_>> = (0..10)
        .map(|_| {
            let cache = cache.clone();
            Task::spawn(async move {
                let square = cache.get_or_compute("12".to_owned(), MINUTE, slow_square(12));
                square.await
            })
        })
        .collect();
    for asker in askers {
        say(&format!("12 * 12 = {}", asker.await??))?;
    }

    let owner = node.whereis("squares").ok_or("the owner runs")?;
    node.exit(owner, ExitReason::Kill);
    node.wait(owner).await;
    say(&format!(
        "the owner was killed; the table still has {:?}",
        cache.get(&"12".to_owned())
    ))?;
    tree.stop().await?;
    Ok(())
}

async fn slow_square(n: u64) -> u64 {
    let _ = say(&format!("computing the square of {n} once"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    n * n
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
