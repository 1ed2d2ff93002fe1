//! A client that lives from one question to the next.

use super::{Calculator, Letter, Number, StateError};
use otp_core::prelude::*;
use otp_core::process;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// A process that asks calculators for their totals on behalf of one that has no mailbox for [`Letter`]s, such as a shell.
///
/// What the calculator made by hand answers too late stays in its mailbox, and is there when the next question is asked.
#[derive(Debug, Clone)]
pub struct Client {
    process: ProcessRef<Letter>,
    questions: mpsc::UnboundedSender<Question>,
}

struct Question {
    calculator: Calculator,
    timeout: Duration,
    answer: oneshot::Sender<Result<Number, StateError>>,
}

impl Client {
    /// Starts a client that is linked to the calling process.
    ///
    /// # Panics
    ///
    /// Outside a process.
    pub fn start_link() -> Self {
        let (questions, asked) = mpsc::unbounded_channel();
        let process = process::spawn_link(move |me| ask(me, asked));
        Self { process, questions }
    }

    /// Has a calculator asked for its total: see [`Calculator::state`].
    ///
    /// # Errors
    ///
    /// As for [`Calculator::state`], and [`StateError::NoClient`].
    pub async fn state(
        &self,
        calculator: &Calculator,
        timeout: Duration,
    ) -> Result<Number, StateError> {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            calculator: calculator.clone(),
            timeout,
            answer,
        };
        // A client that has ended drops the question, and with it the answer.
        drop(self.questions.send(question));
        answered.await.unwrap_or(Err(StateError::NoClient))
    }

    /// Puts a total into the client's mailbox that no calculator has sent, and that it will believe.
    pub fn forge(&self, total: Number) {
        self.process.send(Letter::State(total));
    }

    /// The client's pid.
    pub fn pid(&self) -> Pid {
        self.process.pid()
    }

    /// Whether the client lives.
    pub fn is_alive(&self) -> bool {
        self.process.is_alive()
    }
}

/// The life of a client. It takes from its mailbox only what it waits for.
async fn ask(mut me: Mailbox<Letter>, mut asked: mpsc::UnboundedReceiver<Question>) {
    while let Some(question) = asked.recv().await {
        let state = question.calculator.state(&mut me, question.timeout).await;
        // Whoever has asked may have given up.
        drop(question.answer.send(state));
    }
}
