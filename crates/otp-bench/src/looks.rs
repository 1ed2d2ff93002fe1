//! Who looks at what the benchmark runs: nobody, unless the environment of the program says so. It is there and not on the command
//! line so that the programs that take samples and counts have it, too.

use std::env;

use otp_core::Node;
use otp_core::process::Observation;

/// Says who looks.
pub(crate) const VARIABLE: &str = "OTP_BENCH_LOOKS";

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// Nobody.
    Nobody,
    /// A page of the observer, for which processes count.
    Page,
    /// What hears spans or numbers, in a build that has them.
    Listener,
}

impl Looks {
    /// What the environment says; `None` if it says something unknown.
    pub(crate) fn told() -> Option<Self> {
        match env::var(VARIABLE).as_deref() {
            Err(_) | Ok("nobody") => Some(Self::Nobody),
            Ok("page") => Some(Self::Page),
            Ok("listener") => Some(Self::Listener),
            Ok(_) => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Page => "a page",
            Self::Listener => "a listener",
        }
    }
}

/// Looks at a node, as the environment says, until what this returns is dropped.
pub(crate) fn at(node: &Node) -> Option<Observation> {
    match Looks::told()? {
        Looks::Nobody => None,
        Looks::Page => Some(node.observe()),
        Looks::Listener => {
            listen();
            None
        }
    }
}

/// Hears all spans and numbers from now on.
fn listen() {
    #[cfg(feature = "spans")]
    // A second time it is there already.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    #[cfg(feature = "metrics")]
    numbers::listen();
}

#[cfg(feature = "metrics")]
mod numbers {
    //! A recorder that adds up, and finds its sums as others do: in a map, by name and labels.

    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use metrics::{
        Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString,
        Unit,
    };

    #[derive(Default)]
    struct Sums(Mutex<HashMap<Key, Arc<Sum>>>);

    #[derive(Default)]
    struct Sum {
        number: Arc<AtomicU64>,
        nanos: AtomicU64,
    }

    impl HistogramFn for Sum {
        fn record(&self, seconds: f64) {
            self.number.fetch_add(1, Ordering::Relaxed);
            let nanos = (seconds * 1e9) as u64;
            self.nanos.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    impl Sums {
        fn of(&self, key: &Key) -> Arc<Sum> {
            let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match sums.get(key) {
                Some(sum) => sum.clone(),
                None => sums.entry(key.clone()).or_default().clone(),
            }
        }
    }

    impl Recorder for Sums {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.of(key).number.clone())
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.of(key).number.clone())
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(self.of(key))
        }
    }

    pub(super) fn listen() {
        // A second time it is there already.
        let _ = metrics::set_global_recorder(Sums::default());
    }
}
