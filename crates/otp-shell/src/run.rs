//! A whole program: its arguments, its runtime, its end.

use crate::args;
use crate::complete::Completions;
use crate::driver::{Driver, Inside, Stop};
use crate::failure::Failure;
use crate::grammar::{self, Invocation, What};
use crate::interactive;
use crate::interrupt::Interrupts;
use crate::log;
use crate::observe::{Observing, Page};
use crate::printer::Printer;
use crate::program::Program;
use crate::prompt::{Prompt, Setup};
use crate::script::Script;
use crate::session::{Birth, Names};
use crate::shell::Mode;
use otp_core::Node;
use otp_core::report::PanicHook;
use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

/// Runs a program with the arguments it was started with: one command, a script, or a prompt.
///
/// Returns its exit code: 0 on success, 1 when a command failed, 2 when one was invalid, 130 when it was interrupted,
/// 143 by SIGTERM and 129 by SIGHUP. All output has been printed when it returns.
pub fn main<P: Program>() -> ExitCode {
    let invocation = match grammar::parse_args::<P>(env::args_os()) {
        Ok(invocation) => invocation,
        Err(refusal) => return args::refuse(&refusal),
    };
    let printer = Printer::stdio();
    let observing = Observing::new(P::NAME);
    log::init_with(invocation.log, printer.clone(), &observing);
    // The user has chosen which reports are shown, possibly none.
    PanicHook::Outside.choose();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Also sockets, in a program that has them.
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.failure("", format_args!("cannot start the runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mode = mode(&invocation.what, terminal);
    let interrupts = Interrupts::new(mode == Mode::Interactive);
    if let Err(error) = interrupts.listen() {
        printer.failure("", format_args!("cannot listen for interrupts: {error}"));
    }
    let outside = Outside {
        mode,
        printer,
        interrupts,
        observing,
        input: Script::stdin,
    };
    let code = runtime.block_on(run(invocation, outside));
    // The program does not wait for tasks that still run.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// The environment of the program.
pub(crate) struct Outside<I> {
    pub(crate) mode: Mode,
    pub(crate) printer: Printer,
    pub(crate) interrupts: Interrupts,
    pub(crate) observing: Observing,
    /// The content of standard input.
    pub(crate) input: I,
}

/// Runs the requested commands, to the last line of output; returns the exit code.
pub(crate) async fn run<P: Program>(
    invocation: Invocation<P>,
    outside: Outside<impl FnOnce() -> Script>,
) -> u8 {
    let Outside {
        mode,
        printer,
        interrupts,
        observing,
        input,
    } = outside;
    let mut driver = Driver::<P>::new(Birth {
        node: Node::new(),
        options: invocation.options,
        mode,
        printer,
        interrupts,
        observing,
        names: Names::default(),
    });
    if let Err(failure) = observe(&driver.birth, &invocation.page).await {
        let stop = Stop::Failed(failure);
        driver.tell(&stop, None);
        return stop.code();
    }
    let inside = Inside {
        how: invocation.how,
        depth: 0,
    };
    let done = match invocation.what {
        What::Command(word) => {
            let done = driver.command(word, inside).await;
            let done = done.map_err(|stop| stop.with_note(invocation.note));
            done.inspect_err(|stop| driver.tell(stop, None))
        }
        What::Lines(lines) => driver.script(Script::given(&lines), inside).await,
        What::Input if mode == Mode::Script => driver.script(input(), inside).await,
        What::Input => Err(prompt(&mut driver).await),
    };
    // With the last command the program ends like a halted node: processes that are linked with the shell have no time
    // for last words. Without this, some of them would have it now and then.
    driver.birth.printer.close();
    done.err().as_ref().map_or(0, Stop::code)
}

/// Serves the observer's page, if it is wanted.
async fn observe<P: Program>(birth: &Birth<P>, page: &Page) -> Result<(), Failure> {
    if let Some(at) = page.at {
        let serve = birth.observing.serve(&birth.node, at, page.observe_acts);
        let link = serve.await?;
        birth.printer.error(format_args!("observe: {link}"));
    }
    Ok(())
}

async fn prompt<P: Program>(driver: &mut Driver<P>) -> Stop {
    let birth = &driver.birth;
    let (node, names) = (birth.node.clone(), birth.names.clone());
    let prompt = Prompt::start(Setup {
        program: P::NAME,
        completions: Completions::new(grammar::line::<P>(), node, names),
        printer: birth.printer.clone(),
        interrupts: birth.interrupts.clone(),
        colours: birth.printer.colours(),
    });
    match prompt {
        Ok(prompt) => interactive::run(driver, prompt).await,
        Err(error) => {
            let failure = Failure::new(format_args!("cannot start the prompt: {error}"));
            let stop = Stop::Failed(failure);
            driver.tell(&stop, None);
            stop
        }
    }
}

/// A prompt needs a terminal on both sides.
pub(crate) fn mode<C>(what: &What<C>, terminal: bool) -> Mode {
    match what {
        What::Command(word) if word.is_script() => Mode::Script,
        What::Command(_) => Mode::OneShot,
        What::Input if terminal => Mode::Interactive,
        What::Lines(_) | What::Input => Mode::Script,
    }
}
