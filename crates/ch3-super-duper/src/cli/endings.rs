//! `endings`: exercise 3.4.

use crate::endings::api::Ending;
use otp_core::Restart;
use otp_shell::{Failure, Shell};

pub(super) async fn run(shell: &mut Shell) -> Result<(), Failure> {
    const ALL: [Restart; 3] = [Restart::Permanent, Restart::Transient, Restart::Temporary];
    let [permanent, transient, temporary] = ALL;
    shell.print(format_args!(
        "{:28}  {:9}  {:9}  {}",
        "a character that", permanent, transient, temporary
    ))?;
    for ending in Ending::ALL {
        let mut fates = Vec::new();
        for restart in ALL {
            fates.push(ending.fate(restart).await.map_err(Failure::new)?);
        }
        let [permanent, transient, temporary] = &fates[..] else {
            unreachable!("there is one for each type of restart");
        };
        shell.print(format_args!(
            "{ending:28}  {permanent:9}  {transient:9}  {temporary}"
        ))?;
    }
    Ok(())
}
