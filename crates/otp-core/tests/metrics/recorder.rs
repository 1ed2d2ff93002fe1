//! A recorder that keeps the numbers of all tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Once};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// A counter's value, a gauge's, or how often a histogram has recorded.
static NUMBERS: Mutex<BTreeMap<Key, u64>> = Mutex::new(BTreeMap::new());

struct Number(Key);

impl Number {
    fn change(&self, change: impl FnOnce(&mut u64)) {
        let mut numbers = NUMBERS.lock().expect("no test panics here");
        change(numbers.entry(self.0.clone()).or_default());
    }
}

impl CounterFn for Number {
    fn increment(&self, more: u64) {
        self.change(|number| *number += more);
    }

    fn absolute(&self, _: u64) {
        unreachable!("nothing sets a counter");
    }
}

impl HistogramFn for Number {
    fn record(&self, seconds: f64) {
        assert!(seconds >= 0.0, "{seconds}");
        self.change(|times| *times += 1);
    }
}

impl GaugeFn for Number {
    fn increment(&self, _: f64) {
        unreachable!("gauges are set");
    }

    fn decrement(&self, _: f64) {
        unreachable!("gauges are set");
    }

    fn set(&self, value: f64) {
        self.change(|number| *number = value as u64);
    }
}

struct Kept;

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Number(key.clone())))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Number(key.clone())))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Number(key.clone())))
    }
}

pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| metrics::set_global_recorder(Kept).expect("nobody else has installed one"));
}

/// The numbers with this label, by name and other labels.
pub(crate) fn numbers(label: &str) -> BTreeMap<String, u64> {
    let numbers = NUMBERS.lock().expect("no test panics here");
    let mut found = BTreeMap::new();
    for (key, number) in numbers.iter() {
        let (its, others): (Vec<_>, Vec<_>) =
            key.labels().partition(|it| it.value().ends_with(label));
        if its.is_empty() {
            continue;
        }
        let mut name = key.name().to_owned();
        for other in others {
            name += &format!(" {}={}", other.key(), other.value());
        }
        found.insert(name, *number);
    }
    found
}
