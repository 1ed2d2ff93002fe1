//! What each actor has seen, in the order in which it has seen it, and whether it may be so.

use std::collections::{BTreeMap, BTreeSet};

/// The number of an actor, which no other one has in any life of any node.
pub(crate) type Id = u32;

/// Which life of which node.
pub(crate) type Life = (char, u32);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    /// A message: its sender counts its messages. `to` is to whom it was sent, if not by name.
    Said {
        from: Id,
        number: u64,
        to: Option<Id>,
    },
    /// A monitor was set, on an actor or else on a name. `epoch` counts the changes of its node that were told before.
    Watched {
        watch: usize,
        to: Option<Id>,
        node: char,
        epoch: u64,
    },
    Unwatched(usize),
    /// What was in the mailbox when a monitor was taken back is handled.
    UnwatchedFlushed(usize),
    /// A monitor fired. `is_lost` says that the connection was lost, and not that the process ended.
    Down {
        watch: usize,
        is_lost: bool,
    },
    Linked {
        to: Id,
        epoch: u64,
    },
    Unlinked(Id),
    /// As for a monitor.
    UnlinkedFlushed(Id),
    /// An exit signal came over a link.
    Exit {
        from: Option<Id>,
        is_lost: bool,
    },
    /// An exit signal came by itself. Its sender counts it as a message.
    Shot {
        from: Id,
        number: u64,
        to: Id,
    },
    Up(char),
    Lost {
        node: char,
        epoch: u64,
    },
}

/// What is known of an actor by itself.
#[derive(Debug)]
pub(crate) struct Actor {
    pub(crate) life: Life,
    /// The nodes that were connected when it started.
    pub(crate) up: Vec<char>,
    /// Whether it lives to the end, so that everything has to reach it.
    pub(crate) stays: bool,
    pub(crate) seen: Vec<Seen>,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) actors: BTreeMap<Id, Actor>,
    /// What has to have arrived, and where.
    pub(crate) promised: Vec<(Id, Seen)>,
}

/// What one actor knows at one moment.
#[derive(Default)]
struct View {
    /// The highest number of each sender.
    heard: BTreeMap<Id, u64>,
    /// Connected nodes, and which life of each has been heard since.
    up: BTreeMap<char, Option<u32>>,
    /// The latest life of each node that was heard.
    latest: BTreeMap<char, u32>,
    /// Monitors that have not fired.
    watches: BTreeMap<usize, (char, u64)>,
    /// What each monitor was set on.
    targets: BTreeMap<usize, Option<Id>>,
    /// Actors whose end was told: nothing comes from them any more.
    ended: BTreeSet<Id>,
    unwatched: BTreeSet<usize>,
    /// Links that have not fired.
    links: BTreeMap<Id, u64>,
    /// Links that were taken back and not set again.
    taken_back: BTreeSet<Id>,
    /// How often a link was taken back while what was in the mailbox then is not handled.
    unflushed: BTreeMap<Id, usize>,
    /// Those of them over which nothing comes any more.
    unlinked: BTreeSet<Id>,
    /// How often an exit may come over a link, and has.
    exits: BTreeMap<Id, (usize, usize)>,
}

impl History {
    /// All that may not be.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (id, actor) in &self.actors {
            let mut view = View {
                up: actor.up.iter().map(|node| (*node, None)).collect(),
                ..View::default()
            };
            for (at, seen) in actor.seen.iter().enumerate() {
                if let Err(fault) = self.step(*id, actor, &mut view, seen) {
                    let before = &actor.seen[at.saturating_sub(12)..=at];
                    faults.push(format!("{id} of {:?}: {fault}; {before:?}", actor.life));
                }
            }
            if actor.stays {
                // Those of its own node live as long, and one of its node's former lives has no pid of its own here.
                let (own, _) = actor.life;
                let watches = view.watches.iter().filter(|(_, (node, _))| *node != own);
                faults.extend(watches.map(|(it, _)| format!("{id}: monitor {it} has not fired")));
                let links = view.links.keys().filter(|it| self.actors[it].life.0 != own);
                faults.extend(links.map(|it| format!("{id}: the link with {it} has not fired")));
            }
        }
        for (to, wanted) in &self.promised {
            if !self.actors[to].seen.contains(wanted) {
                faults.push(format!("{wanted:?} has not arrived"));
            }
        }
        faults
    }

    fn step(&self, id: Id, actor: &Actor, view: &mut View, seen: &Seen) -> Result<(), String> {
        match *seen {
            Seen::Said { from, number, to } => {
                if to.is_some_and(|to| to != id) {
                    return Err(format!("a message for {to:?} has come to another process"));
                }
                self.hear(actor, view, from, number)?;
            }
            Seen::Shot { from, number, to } => {
                if to != id {
                    return Err(format!("an exit signal for {to}"));
                }
                self.hear(actor, view, from, number)?;
            }
            Seen::Watched {
                watch,
                to,
                node,
                epoch,
            } => {
                view.watches.insert(watch, (node, epoch));
                view.targets.insert(watch, to);
            }
            Seen::Unwatched(watch) => {
                if view.watches.remove(&watch).is_some() {
                    view.unwatched.insert(watch);
                }
            }
            Seen::UnwatchedFlushed(watch) => {
                view.unwatched.remove(&watch);
            }
            Seen::Down { watch, is_lost } => {
                if !is_lost {
                    view.ended
                        .extend(view.targets.get(&watch).copied().flatten());
                }
                let is_open = view.watches.remove(&watch).is_some();
                // It may have been in the mailbox.
                if !is_open && !view.unwatched.remove(&watch) {
                    return Err(format!("monitor {watch} fires once more"));
                }
            }
            Seen::Linked { to, epoch } => {
                view.taken_back.remove(&to);
                view.unlinked.remove(&to);
                view.links.insert(to, epoch);
                view.exits.entry(to).or_default().0 += 1;
            }
            Seen::Unlinked(to) => {
                view.links.remove(&to);
                view.taken_back.insert(to);
                *view.unflushed.entry(to).or_default() += 1;
            }
            Seen::UnlinkedFlushed(to) => {
                let left = view.unflushed.entry(to).or_default();
                *left -= 1;
                if *left == 0 && view.taken_back.contains(&to) {
                    view.unlinked.insert(to);
                }
            }
            Seen::Exit {
                from: Some(from),
                is_lost,
            } => {
                if !is_lost {
                    view.ended.insert(from);
                }
                view.links.remove(&from);
                let links = self.links(from, id);
                let (own, come) = view.exits.entry(from).or_default();
                *come += 1;
                if *come > *own + links || (links == 0 && view.unlinked.contains(&from)) {
                    return Err(format!("link with {from} fires too often"));
                }
            }
            Seen::Exit { from: None, .. } => {}
            Seen::Up(node) => {
                if view.up.insert(node, None).is_some() {
                    return Err(format!("{node} is up twice"));
                }
            }
            Seen::Lost { node, epoch } => {
                if view.up.remove(&node).is_none() {
                    return Err(format!("{node} is lost twice"));
                }
                let of_node = |of: char, set: u64| of == node && set < epoch;
                if let Some((watch, _)) =
                    (view.watches.iter()).find(|(_, (of, set))| of_node(*of, *set))
                {
                    return Err(format!("{node} is lost before monitor {watch} fires"));
                }
                let is_of_node = |(to, set): &(&Id, &u64)| {
                    let of = self.actors.get(*to).map(|it| it.life.0);
                    // Who has unlinked itself may have taken this link back.
                    of.is_some_and(|of| of_node(of, **set)) && !self.has_unlinked(**to, id)
                };
                if let Some((to, _)) = view.links.iter().find(is_of_node) {
                    return Err(format!("{node} is lost before the link with {to} fires"));
                }
            }
        }
        Ok(())
    }

    /// A message or an exit signal: in the order of all that its sender has sent, and once.
    fn hear(&self, actor: &Actor, view: &mut View, from: Id, number: u64) -> Result<(), String> {
        if view.ended.contains(&from) {
            return Err(format!("{number} of {from} comes after its end"));
        }
        let last = view.heard.insert(from, number);
        if last.is_some_and(|last| last >= number) {
            return Err(format!("{number} of {from} comes after {last:?}"));
        }
        let (node, life) = self.actors[&from].life;
        if node != actor.life.0 {
            let Some(heard) = view.up.get_mut(&node) else {
                return Err(format!("{from} of {node} is heard, which is not connected"));
            };
            let latest = view.latest.insert(node, life);
            if latest > Some(life) || heard.replace(life).is_some_and(|it| it != life) {
                return Err(format!("life {life} of {node} is heard after {latest:?}"));
            }
        }
        Ok(())
    }

    fn has_unlinked(&self, from: Id, with: Id) -> bool {
        let actor = self.actors.get(&from);
        actor.is_some_and(|it| it.seen.contains(&Seen::Unlinked(with)))
    }

    /// How often an actor has linked itself with another one.
    fn links(&self, from: Id, with: Id) -> usize {
        let is_link = |seen: &&Seen| matches!(seen, Seen::Linked { to, .. } if *to == with);
        let actor = self.actors.get(&from);
        actor.map_or(0, |it| it.seen.iter().filter(is_link).count())
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, History, Id, Seen};

    const EXIT: Seen = Seen::Exit {
        from: Some(1),
        is_lost: true,
    };
    const ENDED: Seen = Seen::Exit {
        from: Some(1),
        is_lost: false,
    };

    fn said(from: Id, number: u64) -> Seen {
        let to = Some(0);
        Seen::Said { from, number, to }
    }

    /// What actor 0 of node a sees; 1 is of the first life of node b, 2 of its second.
    fn check(seen: &[Seen], expected: &str) {
        let actor = |life, seen| Actor {
            life,
            up: Vec::new(),
            stays: true,
            seen,
        };
        let actors = [
            (0, actor(('a', 1), seen.to_vec())),
            (1, actor(('b', 1), Vec::new())),
            (2, actor(('b', 2), Vec::new())),
        ];
        let history = History {
            actors: actors.into(),
            promised: Vec::new(),
        };
        let faults = history.faults().join("; ");
        assert_eq!(faults.is_empty(), expected.is_empty(), "{faults}");
        assert!(faults.contains(expected), "{faults}");
    }

    // DST-029
    #[test]
    fn the_checker_finds_what_may_not_be() {
        let (node, lost) = (
            'b',
            Seen::Lost {
                node: 'b',
                epoch: 2,
            },
        );
        let watched = Seen::Watched {
            watch: 0,
            to: Some(1),
            node,
            epoch: 1,
        };
        let linked = Seen::Linked { to: 1, epoch: 1 };
        let up = Seen::Up(node);
        let [down, ended] = [true, false].map(|is_lost| Seen::Down { watch: 0, is_lost });
        check(&[up.clone(), said(1, 1), said(1, 2), lost.clone()], "");
        check(
            &[up.clone(), said(1, 2), said(1, 1)],
            "1 of 1 comes after Some(2)",
        );
        check(
            &[up.clone(), said(1, 1), said(1, 1)],
            "1 of 1 comes after Some(1)",
        );
        check(&[said(1, 1)], "which is not connected");
        check(
            &[up.clone(), said(1, 1), said(2, 1)],
            "life 2 of b is heard after Some(1)",
        );
        let again = [up.clone(), lost.clone(), up.clone()];
        check(&[&again[..], &[said(2, 1)]].concat(), "");
        check(&[up.clone(), up.clone()], "b is up twice");
        check(&[up.clone(), lost.clone(), lost.clone()], "b is lost twice");
        check(
            &[up.clone(), watched.clone(), down.clone(), lost.clone()],
            "",
        );
        check(
            &[up.clone(), watched.clone(), lost.clone(), down.clone()],
            "lost before monitor 0",
        );
        check(
            &[up.clone(), watched.clone(), down.clone(), down.clone()],
            "fires once more",
        );
        check(&[up.clone(), watched.clone(), down, said(1, 1)], "");
        check(
            &[up.clone(), watched.clone(), ended, said(1, 1)],
            "1 of 1 comes after its end",
        );
        check(
            &[up.clone(), linked.clone(), ENDED, said(1, 1)],
            "1 of 1 comes after its end",
        );
        check(&[up.clone(), watched], "monitor 0 has not fired");
        check(&[up.clone(), linked.clone(), EXIT, lost.clone()], "");
        check(&[up.clone(), linked.clone(), EXIT, EXIT], "fires too often");
        check(
            &[up.clone(), linked.clone(), lost],
            "lost before the link with 1",
        );
        check(&[up, linked.clone()], "the link with 1 has not fired");
        let to = Some(1);
        check(
            &[Seen::Said {
                from: 0,
                number: 1,
                to,
            }],
            "has come to another process",
        );
        let shot = |to, number| Seen::Shot {
            from: 0,
            number,
            to,
        };
        check(&[shot(1, 1)], "an exit signal for 1");
        check(&[shot(0, 1), shot(0, 2)], "");
        check(&[shot(0, 2), shot(0, 1)], "1 of 0 comes after Some(2)");
    }
}
