//! Prints the figures of otp-core's structure: `just house`, and with `just house list` all cases. `just api` prints the public
//! interface for its record.
//!
//! For the figures of an earlier commit run the program by hand, with the folder `tests` of that checkout in `CARGO_MANIFEST_DIR`.

use std::env;
use std::io::{self, Write};

use otp_tests::{house, public_api};

fn main() -> io::Result<()> {
    let shows_all = env::args().any(|argument| argument == "list");
    let out = &mut io::stdout().lock();
    if env::args().any(|argument| argument == "api") {
        return out.write_all(public_api::current().as_bytes());
    }
    for figure in house::figures() {
        let of = figure.of.map(|of| format!(" of {of}")).unwrap_or_default();
        writeln!(out, "{:<50} {:>5}{of}", figure.title, figure.count)?;
        if shows_all {
            for place in &figure.which {
                writeln!(out, "    {place}")?;
            }
        }
    }
    Ok(())
}
