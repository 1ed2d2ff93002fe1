//! A node in numbers, for what collects them.

use std::fmt::{self, Write};
use std::time::Duration;

use otp_core::Node;
use otp_core::process::{Observation, ProcessOrder, ProcessQuery, TypeTotals};

use crate::views::title;

/// The most types that have numbers of their own. The others are counted together, so that a program whose types are many
/// does not make as many series.
const MOST_TYPES: usize = 50;

/// The most processes that are named, as they have been in a callback for long.
const MOST_STUCK: usize = 20;

/// For how long that is.
const LONG: Duration = Duration::from_secs(1);

/// A node in numbers, in the text format of Prometheus.
///
/// They are read from outside, so that a server that is stuck does not hold them up, and is named: the gauge
/// `otp_callback_seconds` has the processes that have been in a callback for longer than a second. As long as this lives, the
/// node's processes [count](Node::observe) what they do.
///
/// | name | labels | what it is |
/// |---|---|---|
/// | `otp_processes` | `type` | processes that live |
/// | `otp_messages_queued` | `type` | messages that wait |
/// | `otp_queue_longest` | `type` | the longest mailbox |
/// | `otp_waiting_for_answer` | `type` | processes that wait for the answer to a call, and have waited for a while |
/// | `otp_callback_seconds` | `type` `process` `callback` | for how long these have been in a callback, the 20 longest |
/// | `otp_processes_spawned_total` | | processes that there have ever been |
/// | `otp_messages_handled_total` | | messages that servers have handled |
/// | `otp_restarts_total` | | children that supervisors and guards have restarted |
/// | `otp_busy_seconds_total` | | how long processes have run |
///
/// At most 50 types have numbers of their own, those with the most processes. The others are counted as `other`.
///
/// # Examples
///
/// A route of axum for the collector:
///
/// ```
/// use std::sync::Arc;
///
/// use axum::Router;
/// use axum::routing::get;
/// use otp_core::Node;
/// use otp_observer::Metrics;
///
/// let node = Node::new();
/// let metrics = Arc::new(Metrics::of(&node));
/// let router: Router = Router::new().route("/metrics", get(async move || metrics.render()));
/// # drop(router);
/// ```
#[derive(Debug)]
pub struct Metrics {
    node: Node,
    _observation: Observation,
}

/// The name of a number, and how it is read.
type Family = (&'static str, fn(&TypeTotals) -> usize);

impl Metrics {
    /// Has the processes of the node count, and reads them when it is asked to.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        Self {
            node: node.clone(),
            _observation: node.observe(),
        }
    }

    /// The numbers at this moment. It takes as many steps as there are processes, and waits for none of them.
    #[must_use]
    pub fn render(&self) -> String {
        let all = ProcessQuery::new().limit(usize::MAX);
        let page = self.node.process_page(&all);
        let mut text = String::new();
        let done = by_type(&mut text, &page.by_type(MOST_TYPES))
            .and_then(|()| self.stuck(&mut text))
            .and_then(|()| self.totals(&mut text));
        // A string takes all.
        done.unwrap_or_default();
        text
    }

    fn stuck(&self, text: &mut String) -> fmt::Result {
        let longest = ProcessQuery::new().order(ProcessOrder::Callback);
        let page = self
            .node
            .process_page(&longest.descending().limit(MOST_STUCK));
        head(text, "otp_callback_seconds", "gauge")?;
        for info in &page.processes {
            let callback = info.activity.and_then(|it| it.callback);
            if let Some((callback, time)) = callback
                && time >= LONG
            {
                let (kind, name) = (escaped(info.initial_call), escaped(&title(info)));
                let (callback, seconds) = (callback.name(), time.as_secs_f64());
                writeln!(
                    text,
                    "otp_callback_seconds{{type=\"{kind}\",process=\"{name}\",callback=\"{callback}\"}} {seconds}"
                )?;
            }
        }
        Ok(())
    }

    fn totals(&self, text: &mut String) -> fmt::Result {
        let totals = self.node.totals();
        let pairs = [
            ("otp_processes_spawned_total", totals.spawned.to_string()),
            ("otp_messages_handled_total", totals.handled.to_string()),
            ("otp_restarts_total", totals.restarts.to_string()),
            (
                "otp_busy_seconds_total",
                totals.busy.as_secs_f64().to_string(),
            ),
        ];
        for (name, value) in pairs {
            head(text, name, "counter")?;
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }
}

fn by_type(text: &mut String, sums: &[(&str, TypeTotals)]) -> fmt::Result {
    let families: [Family; 4] = [
        ("otp_processes", |sum| sum.processes),
        ("otp_messages_queued", |sum| sum.queued),
        ("otp_queue_longest", |sum| sum.longest),
        ("otp_waiting_for_answer", |sum| sum.waiting),
    ];
    for (name, value) in families {
        head(text, name, "gauge")?;
        for (kind, sum) in sums {
            writeln!(text, "{name}{{type=\"{}\"}} {}", escaped(kind), value(sum))?;
        }
    }
    Ok(())
}

fn head(text: &mut String, name: &str, kind: &str) -> fmt::Result {
    writeln!(text, "# TYPE {name} {kind}")
}

/// A text as the value of a label.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stays_in_its_quotes() {
        assert_eq!(escaped("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
    }
}
