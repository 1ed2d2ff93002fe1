//! The signals of the system that ask a program to stop.

#[cfg(not(unix))]
pub(crate) use self::elsewhere::listen;
#[cfg(unix)]
pub(crate) use self::unix::listen;

/// A signal that asks a program to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: a service manager, or `kill`.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
}

impl Signal {
    /// The exit code of a program that ends because of it: 128 and the number of the signal.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Hangup => 129,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }
}

#[cfg(unix)]
mod unix {
    use super::Signal;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::{fs, io, thread};

    /// The order in which they are heard if several come at once: the program ends by SIGTERM, and its terminal may go in
    /// the same moment.
    const ALL: [(i32, Signal); 3] = [
        (SIGINT, Signal::Interrupt),
        (SIGTERM, Signal::Terminate),
        (SIGHUP, Signal::Hangup),
    ];

    /// Calls `hear` for each signal from now on, on a separate thread, because the program's threads may be busy.
    ///
    /// A signal that was ignored when the program was started stays ignored: `nohup` and a shell without job control
    /// mean that.
    pub(crate) fn listen(mut hear: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
        let ignored = ignored();
        let wanted = ALL.iter().map(|(number, _)| *number);
        let mut signals = Signals::new(wanted.filter(|number| ignored >> (number - 1) & 1 == 0))?;
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                loop {
                    // Of those that have come at once, the order is not known.
                    let heard = Vec::from_iter(signals.wait());
                    let known = ALL.iter().filter(|(number, _)| heard.contains(number));
                    known.for_each(|(_, signal)| hear(*signal));
                }
            })?;
        Ok(())
    }

    /// The signals that are ignored, a bit each. Where there is no `/proc`, none is known.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::Signal;
    use std::io;

    /// Calls `hear` for each Ctrl-C from now on.
    pub(crate) fn listen(mut hear: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
        ctrlc::set_handler(move || hear(Signal::Interrupt)).map_err(io::Error::other)
    }
}
