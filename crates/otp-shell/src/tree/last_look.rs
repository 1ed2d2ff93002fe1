//! The state of the tree when it was last drawn.

use otp_core::Pid;
use std::collections::HashMap;
use std::mem::take;

/// The children of supervisors at the last look, by their place in the tree.
#[derive(Debug, Default)]
pub(crate) struct LastLook {
    seen: HashMap<String, Child>,
    now: HashMap<String, Child>,
}

#[derive(Debug)]
struct Child {
    supervisor: String,
    pid: Option<Pid>,
}

/// The change of a child since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It is another process.
    Replaced,
    /// It did not run, and runs.
    Back,
    /// It ran, and does not run.
    Gone,
    /// Its supervisor did not have it.
    New,
}

impl LastLook {
    /// Records a child, and returns its change. There are none when its supervisor is seen for the first time.
    pub(super) fn see(&mut self, supervisor: &str, path: &str, pid: Option<Pid>) -> Option<Change> {
        let change = match (self.seen.get(path).map(|child| child.pid), pid) {
            (Some(Some(before)), Some(now)) if before != now => Some(Change::Replaced),
            (Some(None), Some(_)) => Some(Change::Back),
            (Some(Some(_)), None) => Some(Change::Gone),
            (Some(_), _) => None,
            (None, _) => {
                let known = self.seen.values().any(|it| it.supervisor == supervisor);
                known.then_some(Change::New)
            }
        };
        let supervisor = supervisor.to_owned();
        self.now.insert(path.to_owned(), Child { supervisor, pid });
        change
    }

    /// The look is over: the next one is compared with this one.
    pub(super) fn looked(&mut self) {
        self.seen = take(&mut self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::{Mailbox, Never, Node, process};

    #[tokio::test]
    async fn a_child_is_compared_with_the_last_look() {
        let pids = Node::new().run(async { (pid(), pid()) });
        let (a, b) = pids.await.expect("nothing fails");
        let mut last = LastLook::default();
        let mut look = |children: &[(&str, Option<Pid>)]| {
            let changes = children
                .iter()
                .map(|(path, pid)| last.see("/s", path, *pid));
            let changes: Vec<_> = changes.collect();
            last.looked();
            changes
        };
        assert_eq!(look(&[("/s/x", Some(a)), ("/s/y", None)]), [None, None]);
        assert_eq!(look(&[("/s/x", Some(a)), ("/s/y", None)]), [None, None]);
        let now = look(&[("/s/x", Some(b)), ("/s/y", Some(a)), ("/s/z", Some(a))]);
        let changes = [Change::Replaced, Change::Back, Change::New];
        assert_eq!(now, changes.map(Some));
        assert_eq!(look(&[("/s/x", None)]), [Some(Change::Gone)]);
    }

    fn pid() -> Pid {
        process::spawn(async |_: Mailbox<Never>| ()).pid()
    }
}
