//! The program `otp-soak`; see the library.

use std::process::ExitCode;

use peak_alloc::PeakAlloc;

/// The system's allocator, which is told how many bytes are in use.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    otp_soak::cli::run(|| ALLOCATOR.current_usage())
}
