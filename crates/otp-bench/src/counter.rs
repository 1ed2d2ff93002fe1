//! Counts what a piece of work allocates.

use alloc_tracker::{ReportOperation, Session};

/// How many allocations some work makes, on all threads together.
pub(crate) fn allocations(work: impl FnOnce()) -> u64 {
    let session = Session::new().no_stdout().no_file();
    let operation = session.operation("work");
    let span = operation.measure_process().iterations(1);
    work();
    drop(span);
    figure(&session, ReportOperation::allocations)
}

/// The most bytes some work holds at a time, on this thread.
pub(crate) fn held_bytes(work: impl FnOnce()) -> u64 {
    let session = Session::new().no_stdout().no_file();
    let operation = session.operation("work");
    let span = operation.measure_thread().iterations(1);
    work();
    drop(span);
    figure(&session, ReportOperation::peak_outstanding_bytes)
}

fn figure(session: &Session, pick: impl Fn(&ReportOperation) -> Option<f64>) -> u64 {
    let report = session.to_report();
    let figure = report
        .operations()
        .find_map(|(_, operation)| pick(operation));
    figure.expect("one span of one iteration was recorded") as u64
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::{allocations, held_bytes};

    #[test]
    fn a_box_is_one_allocation() {
        let count = allocations(|| {
            for n in 0..1_000_u64 {
                black_box(Box::new(n));
            }
        });
        // Other tests allocate on their own threads meanwhile.
        assert!((1_000..2_000).contains(&count), "{count}");
    }

    #[test]
    fn what_is_held_is_counted_in_bytes() {
        let mut kept = Vec::new();
        let bytes = held_bytes(|| kept = black_box(vec![1_u8; 10_000]));
        assert_eq!(bytes, 10_000);
        drop(kept);
    }
}
