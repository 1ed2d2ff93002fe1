//! What the figures were measured on.

use std::fs;
use std::thread::available_parallelism;

/// The processor's name, as the system gives it, and how many threads of it there are: a ratio belongs to the kind of
/// processor that it was measured on.
pub(crate) fn processor() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = model(&cpus).unwrap_or(std::env::consts::ARCH);
    let threads = available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads")
}

fn model(cpus: &str) -> Option<&str> {
    let line = cpus.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::model;

    #[test]
    fn the_name_is_in_the_systems_list_of_processors() {
        let cpus =
            "processor\t: 0\nmodel name\t: AMD EPYC 7763\nprocessor\t: 1\nmodel name\t: other\n";
        assert_eq!(model(cpus), Some("AMD EPYC 7763"));
        assert_eq!(model("processor\t: 0\n"), None);
    }
}
