//! `endings`: exercise 3.4.

use crate::endings::api::Ending;
use otp_core::{ExitReason, Restart};
use otp_shell::{Failure, Shell};

pub(super) async fn run(shell: &mut Shell) -> Result<(), Failure> {
    const ALL: [Restart; 3] = [Restart::Permanent, Restart::Transient, Restart::Temporary];
    let [permanent, transient, temporary] = ALL;
    shell.print(format_args!(
        "{:28}  {:9}  {:9}  {}",
        "a character that", permanent, transient, temporary
    ))?;
    for ending in Ending::ALL {
        // In a process of its own: the shell has nothing to do with these supervisors and their ends.
        let fates = shell.node().run(async move {
            let [permanent, transient, temporary] = ALL.map(|restart| ending.fate(restart));
            Ok::<_, ExitReason>((permanent.await?, transient.await?, temporary.await?))
        });
        let fates = fates.await.and_then(|fates| fates).map_err(Failure::new)?;
        let (permanent, transient, temporary) = fates;
        shell.print(format_args!(
            "{ending:28}  {permanent:9}  {transient:9}  {temporary}"
        ))?;
    }
    Ok(())
}
