//! The shell process: it runs one command after the other, and can die as any process.

use crate::commands;
use crate::failure::Failure;
use crate::grammar::Word;
use crate::interrupt::Interrupts;
use crate::observe::Observing;
use crate::printer::Printer;
use crate::program::Program;
use crate::shell::{Letter, Mode, Shell};
use crate::tree::LastLook;
use otp_core::{ExitReason, Mailbox, Node, Pid, ProcessRef, process};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use tokio::sync::{mpsc, oneshot};

/// The data that all lives of the shell process share.
pub(crate) struct Birth<P: Program> {
    pub(crate) node: Node,
    pub(crate) options: P::Options,
    pub(crate) mode: Mode,
    pub(crate) printer: Printer,
    pub(crate) interrupts: Interrupts,
    pub(crate) observing: Observing,
    pub(crate) names: Names,
}

/// The names that the program completes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    pub(crate) fn get(&self) -> Vec<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.clone()
    }

    pub(crate) fn set(&self, names: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }
}

/// One life of the shell process, seen from outside.
pub(crate) struct Session<P: Program> {
    process: ProcessRef<Letter>,
    orders: mpsc::UnboundedSender<Order<P>>,
    ready: oneshot::Receiver<()>,
}

struct Order<P: Program> {
    word: Word<P::Command>,
    answer: oneshot::Sender<Result<(), Failure>>,
}

impl<P: Program> Session<P> {
    pub(crate) fn start(birth: &Birth<P>) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let (begun, ready) = oneshot::channel();
        let options = birth.options.clone();
        let (node, mode, names) = (birth.node.clone(), birth.mode, birth.names.clone());
        let (printer, interrupts) = (birth.printer.clone(), birth.interrupts.clone());
        let observing = birth.observing.clone();
        let process = birth.node.spawn(move |mailbox: Mailbox<Letter>| {
            let shell = Shell {
                mailbox,
                node,
                mode,
                printer,
                interrupts,
                observing,
                targets: Mutex::default(),
                timers: Vec::new(),
                last_look: LastLook::default(),
                unheard: false,
            };
            shell_process::<P>(shell, options, names, inbox, begun)
        });
        Self {
            process,
            orders,
            ready,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.process.pid()
    }

    /// Waits until the process is dead; returns why.
    pub(crate) async fn end(&self) -> ExitReason {
        self.process.wait().await
    }

    /// Whether its end is not decided yet.
    pub(crate) fn is_alive(&self) -> bool {
        self.process.is_alive()
    }

    /// Whether it has come as far as taking commands.
    pub(crate) fn has_begun(&mut self) -> bool {
        self.ready.try_recv().is_ok()
    }

    /// Runs a command; the reason of the process's end if that came first.
    pub(crate) async fn run(
        &self,
        word: Word<P::Command>,
    ) -> Result<Result<(), Failure>, ExitReason> {
        let (answer, result) = oneshot::channel();
        // A process that is dead drops the order, and with it the answer.
        let _ = self.orders.send(Order { word, answer });
        match result.await {
            Ok(result) => Ok(result),
            Err(_) => Err(self.end().await),
        }
    }
}

async fn shell_process<P: Program>(
    mut shell: Shell,
    options: P::Options,
    names: Names,
    mut orders: mpsc::UnboundedReceiver<Order<P>>,
    begun: oneshot::Sender<()>,
) {
    process::set_label("shell");
    let mut program = P::new(&options);
    names.set(program.names());
    // The receiver may have been dropped.
    let _ = begun.send(());
    while let Some(Order { word, answer }) = orders.recv().await {
        let result = command(word, &mut program, &mut shell).await;
        names.set(program.names());
        let _ = answer.send(result);
    }
}

/// Runs a command until it has ended, has panicked or is interrupted.
async fn command<P: Program>(
    word: Word<P::Command>,
    program: &mut P,
    shell: &mut Shell,
) -> Result<(), Failure> {
    let is_own = matches!(word, Word::Program(_));
    let (mut interrupts, by) = (shell.interrupts.clone(), shell.interrupts.clone());
    shell.unheard = false;
    let run = async {
        match word {
            Word::Program(command) => program.run(command, shell).await,
            Word::Shell(builtin) => commands::run(builtin, program, shell).await,
            Word::Leave => program.leave(shell).await,
        }
    };
    let result = tokio::select! {
        biased;
        result = surviving(run) => match result {
            Ok(result) => result,
            Err(ExitReason::Panic(panic)) => {
                Err(Failure::new(format_args!("the command {panic}")))
            }
            Err(reason) => Err(Failure::new(format_args!("the command has exited: {reason}"))),
        },
        () = interrupts.enough() => Err(Failure::interrupted()),
    };
    // A single command of the shell has nothing that could have been typed before.
    let hint = program
        .hint(shell)
        .filter(|_| is_own || shell.mode != Mode::OneShot);
    match (result, hint) {
        // A command does not know which signal it was.
        (Err(failure), _) if failure.is_ctrl_c() => Err(by.failure()),
        (Err(failure), Some(hint)) if failure.is_missing() => Err(failure.hint(hint)),
        (Ok(()), Some(hint)) if shell.unheard => shell.print(hint),
        (result, _) => result,
    }
}

/// Runs a future to its end, or to where it unwinds.
async fn surviving<F: Future>(body: F) -> Result<F::Output, ExitReason> {
    let mut body = pin!(body);
    poll_fn(|cx| {
        // The state may be half changed, as it may be after a failure that is no panic.
        match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(process::caught(payload))),
        }
    })
    .await
}
