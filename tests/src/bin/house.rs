//! Prints figures of otp-core's house: `just house`, with `just house list` all that is counted.
//!
//! For those of an older state run the program by hand, with the folder `tests` of that checkout in `CARGO_MANIFEST_DIR`.

use std::env;
use std::io::{self, Write};

use otp_tests::house;

fn main() -> io::Result<()> {
    let shows_all = env::args().any(|argument| argument == "list");
    let out = &mut io::stdout().lock();
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
