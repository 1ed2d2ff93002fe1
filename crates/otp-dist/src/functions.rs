//! Functions that other nodes may call with `rpc` and `erpc`.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use otp_core::remote::crossing;
use otp_etf::{Atom, Term, from_term, term, to_term};
use parking_lot::RwLock;
use serde_core::de::DeserializeOwned;
use serde_core::ser::Serialize;

use crate::core::Core;

/// How a function ends that does not return.
#[derive(Debug, Clone, PartialEq)]
pub enum Raised {
    /// As `erlang:error/1`.
    Error(Term),
    /// As `erlang:exit/1`.
    Exit(Term),
    /// As `erlang:throw/1`.
    Throw(Term),
}

/// A tuple of arguments.
pub trait Arguments: Sized + Send + 'static {
    /// How many there are.
    const ARITY: usize;

    /// The arguments that these terms are, if they fit.
    fn from_terms(terms: Vec<Term>) -> Option<Self>;
}

impl Arguments for () {
    const ARITY: usize = 0;

    fn from_terms(terms: Vec<Term>) -> Option<Self> {
        terms.is_empty().then_some(())
    }
}

macro_rules! arguments {
    ($($arity:literal: $($type:ident)+;)*) => {
        $(impl<$($type: DeserializeOwned + Send + 'static),+> Arguments for ($($type,)+) {
            const ARITY: usize = $arity;

            fn from_terms(terms: Vec<Term>) -> Option<Self> {
                from_term(&Term::tuple(terms)).ok()
            }
        })*
    };
}

arguments! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}

pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Term, Raised>> + Send>>;
type Function = Arc<dyn Fn(Vec<Term>) -> Running + Send + Sync>;

/// A function that another node calls.
pub(crate) struct Called {
    pub(crate) module: Atom,
    pub(crate) function: Atom,
    pub(crate) arguments: Vec<Term>,
}

impl Called {
    /// That of these terms, if they are two atoms and a list.
    pub(crate) fn of(module: &Term, function: &Term, arguments: &Term) -> Option<Self> {
        Some(Self {
            module: module.as_atom()?.clone(),
            function: function.as_atom()?.clone(),
            arguments: arguments.as_list()?.to_vec(),
        })
    }

    /// Calls it; one that is not on the allow-list is `undef`.
    pub(crate) fn run(&self, core: &Core) -> Running {
        let arity = self.arguments.len();
        match core.functions.find(&self.module, &self.function, arity) {
            Some(function) => function(self.arguments.clone()),
            None => Box::pin(std::future::ready(Err(Raised::Error(term!(undef))))),
        }
    }

    /// The stack of an error.
    pub(crate) fn stack(&self) -> Term {
        let (module, function) = (self.module.clone(), self.function.clone());
        let arguments = Term::list(self.arguments.iter().cloned());
        term!([{(module), (function), (arguments), []}])
    }
}

/// The allow-list.
#[derive(Default)]
pub(crate) struct Functions(RwLock<HashMap<(Atom, Atom, usize), Function>>);

impl Functions {
    pub(crate) fn insert<A, R, F, U>(&self, core: &Arc<Core>, module: Atom, name: Atom, function: F)
    where
        A: Arguments,
        R: Serialize,
        F: Fn(A) -> U + Send + Sync + 'static,
        U: Future<Output = Result<R, Raised>> + Send + 'static,
    {
        let (core, function) = (Arc::downgrade(core), Arc::new(function));
        let run = move |terms| -> Running {
            let (core, function) = (core.clone(), function.clone());
            Box::pin(async move {
                let badarg = || Raised::Error(Term::Atom(Atom::constant("badarg")));
                let core = core.upgrade().ok_or_else(badarg)?;
                let arguments = crossing(core.clone(), || A::from_terms(terms));
                let value = function(arguments.ok_or_else(badarg)?).await?;
                crossing(core, || to_term(&value)).map_err(|_| badarg())
            })
        };
        self.0
            .write()
            .insert((module, name, A::ARITY), Arc::new(run));
    }

    pub(crate) fn find(&self, module: &Atom, name: &Atom, arity: usize) -> Option<Function> {
        let key = (module.clone(), name.clone(), arity);
        self.0.read().get(&key).cloned()
    }
}
