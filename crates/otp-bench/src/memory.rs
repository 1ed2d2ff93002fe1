//! What the operating system says this process occupies.

use std::{fs, io};

/// Resident memory of this process in bytes.
///
/// # Errors
///
/// Fails where there is no `/proc/self/status`, that is on anything but Linux.
pub fn resident() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").map_err(|error| {
        io::Error::new(
            error.kind(),
            format!(
                "cannot read /proc/self/status, which says how much memory is resident: {error}"
            ),
        )
    })?;
    parse_resident(&status)
        .ok_or_else(|| io::Error::other("/proc/self/status has no line \"VmRSS: <number> kB\""))
}

fn parse_resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::parse_resident;

    #[test]
    fn resident_memory_is_given_in_kibibytes() {
        assert_eq!(
            parse_resident("VmPeak:\t  9 kB\nVmRSS:\t    1234 kB\n"),
            Some(1_263_616)
        );
        assert_eq!(parse_resident("VmPeak:\t  9 kB\n"), None);
    }
}
