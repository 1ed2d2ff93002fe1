//! What the figures were measured on.

use std::fs;
use std::thread::available_parallelism;

/// The processor, as the system names it, and how many threads of it there are: a ratio belongs to the kind of processor that
/// it was measured on.
pub(crate) fn processor() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = model(&cpus).unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let threads = available_parallelism().map_or(1, usize::from);
    format!("{name}, {threads} threads")
}

/// Family and model as well: a virtual machine may hide the rest of the name.
fn model(cpus: &str) -> Option<String> {
    let value = |key: &str| {
        let mut fields = cpus.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = fields.find(|(name, _)| name.trim() == key)?;
        Some(value.trim())
    };
    let name = value("model name")?;
    match value("cpu family").zip(value("model")) {
        Some((family, model)) => Some(format!("{name} (family {family}, model {model})")),
        None => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::model;

    #[test]
    fn the_name_is_in_the_systems_list_of_processors() {
        let cpus = "processor : 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n";
        let expected = "AMD EPYC (family 26, model 2)";
        assert_eq!(model(cpus).as_deref(), Some(expected));
        let short = model("model name : a name\n");
        assert_eq!(short.as_deref(), Some("a name"));
        assert_eq!(model("processor : 0\n"), None);
    }
}
