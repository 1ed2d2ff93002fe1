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
