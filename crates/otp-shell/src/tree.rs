//! The tree of processes, drawn.

mod forest;
mod last_look;
mod survey;

use self::forest::{Entry, Forest};
use self::last_look::Change;
pub(crate) use self::last_look::LastLook;
use self::survey::Survey;
use crate::colours::Colours;
use crate::commands::far_node;
use otp_core::supervisor::ChildStatus;
use otp_core::{Node, Pid, ProcessInfo};
use otp_text::visible;
use std::fmt::Write;

/// A child that runs: green.
const RUNNING: &str = "\x1b[32m";
/// A child that does not run: red.
const DOWN: &str = "\x1b[31m";
/// Changes: yellow.
const CHANGED: &str = "\x1b[33m";

/// Draws each process under the nearest of its ancestors that lives, and under a supervisor all of its children, in the
/// order of their start, those included that do not run.
///
/// A process that is not linked with the one above it would survive that one's crash, and is
/// marked so. A child that is not the process it was at the last look is marked, too.
pub(crate) async fn draw(node: &Node, last: &mut LastLook, colours: Colours) -> String {
    let pids = node.processes();
    let infos: Vec<ProcessInfo> = pids
        .into_iter()
        .filter_map(|pid| node.process_info(pid))
        .collect();
    let survey = Survey::of(node, &infos).await;
    render(node, &infos, &survey, last, colours)
}

fn render(
    node: &Node,
    infos: &[ProcessInfo],
    survey: &Survey,
    last: &mut LastLook,
    colours: Colours,
) -> String {
    let forest = Forest::new(infos, survey);
    Drawing {
        node,
        forest: &forest,
        survey,
        last,
        colours,
        text: String::new(),
    }
    .draw()
}

struct Drawing<'a> {
    node: &'a Node,
    forest: &'a Forest<'a>,
    survey: &'a Survey,
    last: &'a mut LastLook,
    colours: Colours,
    text: String,
}

/// A process that is still to be drawn.
struct Branch<'a> {
    entry: &'a Entry<'a>,
    /// The text to the left of it, and the process above it.
    stem: Option<(String, Pid)>,
    /// The names of all processes above it: the same name in another place is another process.
    path: String,
    last: bool,
}

impl<'a> Drawing<'a> {
    fn draw(mut self) -> String {
        // A stack of our own: a chain of processes can be longer than the thread's stack is deep.
        let mut open = Vec::new();
        for root in self.forest.below(None).iter().rev() {
            open.push(Branch {
                entry: root,
                stem: None,
                path: String::new(),
                last: true,
            });
        }
        while let Some(branch) = open.pop() {
            let (indent, path) = self.line(&branch);
            let Some(pid) = branch.entry.pid() else {
                continue;
            };
            let below = self.forest.below(Some(pid));
            for (at, entry) in below.iter().enumerate().rev() {
                open.push(Branch {
                    entry,
                    stem: Some((indent.clone(), pid)),
                    path: path.clone(),
                    last: at + 1 == below.len(),
                });
            }
        }
        self.last.looked();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    /// Draws a process. Returns the text to the left of the processes below it, and their path.
    fn line(&mut self, branch: &Branch<'a>) -> (String, String) {
        let entry = branch.entry;
        let (turn, indent) = match &branch.stem {
            None => (String::new(), String::new()),
            Some((stem, _)) => {
                let (turn, below) = if branch.last {
                    ("└─ ", "   ")
                } else {
                    ("├─ ", "│  ")
                };
                (format!("{stem}{turn}"), format!("{stem}{below}"))
            }
        };
        let path = format!("{}/{}", branch.path, entry.title());
        let change = match entry.child {
            Some(_) => self.last.see(&branch.path, &path, entry.pid()),
            None => None,
        };
        self.text.push_str(&turn);
        self.describe(entry, change.is_some());
        if let (Some(info), Some((_, above))) = (entry.info, &branch.stem)
            && !info.links.contains(above)
        {
            self.text.push_str(" (not linked)");
        }
        self.far_links(entry);
        if let Some(change) = change {
            let change = match change {
                Change::Replaced => "  ← restarted since the last look",
                Change::Back => "  ← started since the last look",
                Change::Gone => "  ← gone since the last look",
                Change::New => "  ← new since the last look",
            };
            self.text.push_str(&self.colours.paint(CHANGED, change));
        }
        self.text.push('\n');
        (indent, path)
    }

    /// Names the processes of other nodes that it is linked with: they have no place of their own in the tree.
    fn far_links(&mut self, entry: &Entry<'_>) {
        let links = entry.info.iter().flat_map(|info| &info.links);
        for pid in links {
            if let Some(node) = far_node(self.node, *pid) {
                // Writing into a `String` cannot fail.
                let _ = write!(self.text, ", linked with {pid} of {node}");
            }
        }
    }

    fn describe(&mut self, entry: &Entry<'_>, changed: bool) {
        let title = entry.title();
        let title = visible::line(&title);
        let title = match entry.child.map(|child| child.status) {
            Some(ChildStatus::Stopped | ChildStatus::Restarting) => {
                self.colours.paint(DOWN, &title)
            }
            Some(ChildStatus::Running(_)) if changed => self.colours.paint(CHANGED, &title),
            Some(ChildStatus::Running(_)) => self.colours.paint(RUNNING, &title),
            None => title.into_owned(),
        };
        // Writing into a `String` cannot fail.
        let _ = match entry.pid() {
            Some(pid) => write!(self.text, "{pid} {title}"),
            None => write!(self.text, "{title}"),
        };
        let flags = entry.pid().and_then(|pid| self.survey.flags(pid));
        if let Some(flags) = flags {
            let _ = write!(self.text, ", {flags}");
        }
        if let Some(child) = entry.child {
            match child.status {
                ChildStatus::Running(_) => {}
                ChildStatus::Restarting => self.text.push_str(", restarting"),
                ChildStatus::Stopped => self.text.push_str(", stopped"),
            }
            match child.restarts {
                0 => {}
                1 => self.text.push_str(", 1 restart"),
                more => {
                    let _ = write!(self.text, ", {more} restarts");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
