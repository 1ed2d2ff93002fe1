//! The tree of processes, drawn.

use crate::commands::title;
use otp_core::{Pid, ProcessInfo};
use std::collections::HashMap;
use std::fmt::Write;

/// Draws each process under the nearest of its ancestors that lives.
///
/// A process that is not linked with the one above it would survive that one's crash, and is
/// marked so.
pub(crate) fn draw(infos: &[ProcessInfo]) -> String {
    let by_pid: HashMap<Pid, &ProcessInfo> = infos.iter().map(|info| (info.pid, info)).collect();
    let mut children: HashMap<Option<Pid>, Vec<&ProcessInfo>> = HashMap::new();
    for info in infos {
        let mut ancestors = info.ancestors.iter().copied();
        let parent = ancestors.find(|pid| by_pid.contains_key(pid));
        children.entry(parent).or_default().push(info);
    }

    let mut text = String::new();
    // A stack of our own: a chain of processes can be longer than the thread's stack is deep.
    let mut open = Vec::new();
    for root in children.get(&None).into_iter().flatten().rev() {
        open.push(Branch {
            info: root,
            stem: None,
            last: true,
        });
    }
    while let Some(branch) = open.pop() {
        let indent = branch.draw(&mut text);
        let below = children.get(&Some(branch.info.pid));
        let below = below.map_or(&[][..], Vec::as_slice);
        for (at, info) in below.iter().enumerate().rev() {
            open.push(Branch {
                info,
                stem: Some((indent.clone(), branch.info.pid)),
                last: at + 1 == below.len(),
            });
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// A process that is still to be drawn.
struct Branch<'a> {
    info: &'a ProcessInfo,
    /// What stands to the left of it, and what it hangs on.
    stem: Option<(String, Pid)>,
    last: bool,
}

impl Branch<'_> {
    /// Draws it, and returns what stands to the left of its children.
    fn draw(&self, text: &mut String) -> String {
        let (branch, indent, loose) = match &self.stem {
            None => (String::new(), String::new(), false),
            Some((stem, parent)) => {
                let (turn, below) = if self.last {
                    ("└─ ", "   ")
                } else {
                    ("├─ ", "│  ")
                };
                let loose = !self.info.links.contains(parent);
                (format!("{stem}{turn}"), format!("{stem}{below}"), loose)
            }
        };
        let loose = if loose { " (not linked)" } else { "" };
        // Writing into a `String` cannot fail.
        let _ = writeln!(
            text,
            "{branch}{} {}{loose}",
            self.info.pid,
            title(self.info)
        );
        indent
    }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use otp_core::{Mailbox, Node, ProcessInfo, process};
    use std::future::pending;
    use tokio::sync::oneshot;

    fn drawn(node: &Node) -> String {
        let pids = node.processes().into_iter();
        let infos: Vec<ProcessInfo> = pids.filter_map(|pid| node.process_info(pid)).collect();
        draw(&infos)
    }

    /// A process that starts two others, the first of which starts one, and lives on.
    async fn family(node: &Node) {
        let (grown, ready) = oneshot::channel();
        node.spawn(async move |_: Mailbox<()>| {
            process::set_label("root");
            let (born, is_born) = oneshot::channel();
            process::spawn_link(async move |_: Mailbox<()>| {
                process::set_label("first");
                process::spawn_link(async move |_: Mailbox<()>| {
                    process::set_label("leaf");
                    let _ = born.send(());
                    pending::<()>().await;
                });
                pending::<()>().await;
            });
            let _ = is_born.await;
            process::spawn(async move |_: Mailbox<()>| {
                process::set_label("second");
                let _ = grown.send(());
                pending::<()>().await;
            });
            pending::<()>().await;
        });
        ready.await.expect("they have been started");
    }

    #[tokio::test]
    async fn a_process_stands_under_the_one_that_started_it() {
        let node = Node::new();
        assert_eq!(drawn(&node), "");
        family(&node).await;
        let id = node.id();
        assert_eq!(
            drawn(&node),
            format!(
                "<{id}.1.0> root\n\
                 ├─ <{id}.2.0> first\n\
                 │  └─ <{id}.3.0> leaf\n\
                 └─ <{id}.4.0> second (not linked)"
            )
        );
    }

    #[tokio::test]
    async fn an_orphan_stands_under_the_nearest_ancestor_that_lives() {
        let node = Node::new();
        family(&node).await;
        let pid = |number| node.pid(number).expect("it was given out");
        let leaf = node.process_info(pid(3)).expect("it lives");
        node.exit(pid(1), otp_core::ExitReason::Kill);
        node.wait(pid(1)).await;
        // The root's end has killed those that are linked; only the loose one is left, without a parent.
        node.wait(pid(3)).await;
        let id = node.id();
        assert_eq!(drawn(&node), format!("<{id}.4.0> second"));

        let second = node.process_info(pid(4)).expect("it lives");
        let both = draw(&[second, leaf]);
        assert_eq!(both, format!("<{id}.4.0> second\n<{id}.3.0> leaf"));
    }
}
