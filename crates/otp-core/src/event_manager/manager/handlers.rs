//! The operations on the handlers of a manager.

use super::{At, EventManager};
use crate::event_manager::error::{AddError, DeleteError, HandlerCallError};
use crate::event_manager::handler::{
    EventHandler, FnArgs, FnHandler, HandleCall, Handled, HandlerExit,
};
use crate::event_manager::id::{HandlerId, HandlerName};
use crate::event_manager::server::{Asked, EventServer, ManagerRequest};
use crate::event_manager::work::{self, Fault};
use crate::gen_server::{self, Begin, CallError, Limited, ReplyTo};
use crate::recipient::Recipient;
use crate::time_limit::TimeLimit;

impl<E: Send + Sync + 'static> EventManager<E> {
    /// Adds a handler, which sees each event before those that are there already. Its [`init`](EventHandler::init) runs in the
    /// manager and gets `args`.
    ///
    /// # OTP
    ///
    /// `gen_event:add_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the handler may be added nevertheless.
    ///
    /// # Errors
    ///
    /// [`AddError`].
    pub fn add_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
        args: H::Args,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::add(id.into(), None, args))
    }

    /// Adds a function as a handler. It returns the handler's id.
    ///
    /// # Cancel safety
    ///
    /// As for [`add_handler`](Self::add_handler).
    ///
    /// # Errors
    ///
    /// [`AddError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventManager, Handled};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().run_with(|mut mailbox: Mailbox<u32>| async move {
    /// let (numbers, me) = (EventManager::<u32>::start_link().await?, mailbox.me());
    /// let mut sum = 0;
    /// numbers.add_fn("sum", move |n| { sum += n; me.send(sum); Handled::Keep }).await?;
    /// numbers.notify(40);
    /// numbers.notify(2);
    /// assert_eq!((mailbox.receive().await, mailbox.receive().await), (40, 42));
    /// # Ok::<_, Stop>(())
    /// # }).await?.map_err(Stop::into_reason)
    /// # }
    /// ```
    pub fn add_fn(
        &self,
        text: impl Into<std::borrow::Cow<'static, str>>,
        function: impl FnMut(&E) -> Handled<E> + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<HandlerId<FnHandler<E>>, AddError>>> {
        let id = HandlerId::<FnHandler<E>>::named(text);
        let added = self.add_handler(id.clone(), FnArgs(Box::new(function)));
        Limited::new(TimeLimit::Infinity, |limit| async move {
            added.timeout(limit).await.map(|()| id)
        })
    }

    /// Adds a handler for a process, its owner, and links the two. When the owner ends, for any reason, the handler is
    /// removed. When the handler goes in another way, the owner gets a message, which [`Recipient::map`] may convert;
    /// the [rules for such functions](Recipient::map) apply.
    ///
    /// # OTP
    ///
    /// `gen_event:add_sup_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`add_handler`](Self::add_handler).
    ///
    /// # Errors
    ///
    /// [`AddError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventHandler, EventManager, Handled, HandlerExit, HandlerGone, HandlerId, ManagerContext};
    /// use otp_core::Recipient;
    /// use otp_core::prelude::*;
    ///
    /// struct Once;
    ///
    /// impl EventHandler<u32> for Once {
    ///     type Args = ();
    ///
    ///     async fn init((): (), _: &mut ManagerContext<u32>) -> Result<Self, Stop> {
    ///         Ok(Self)
    ///     }
    ///
    ///     async fn handle_event(&mut self, _: &u32, _: &mut ManagerContext<u32>) -> Handled<u32> {
    ///         Handled::Remove
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # Node::new().run_with(|mut mailbox: Mailbox<HandlerExit>| async move {
    /// let manager = EventManager::<u32>::start_link().await?;
    /// let me = Recipient::from(&mailbox.me());
    /// manager.add_sup_handler(HandlerId::<Once>::new(), me, ()).await?;
    /// manager.notify(1);
    /// let exit = mailbox.receive().await;
    /// assert_eq!(exit.why, HandlerGone::Ended(ExitReason::Normal));
    /// # Ok::<_, Stop>(())
    /// # }).await.expect("the example does not crash").expect("the manager lives");
    /// # }
    /// ```
    pub fn add_sup_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
        owner: impl Into<Recipient<HandlerExit>>,
        args: H::Args,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::add(id.into(), Some(owner.into()), args))
    }

    /// Deletes a handler, whose [`terminate`](EventHandler::terminate) runs, and returns it.
    ///
    /// # OTP
    ///
    /// `gen_event:delete_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the handler goes nevertheless.
    ///
    /// # Errors
    ///
    /// [`DeleteError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventManager, Handled};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let numbers = EventManager::<u32>::start_link().await?;
    /// let log = numbers.add_fn("log", |_| Handled::Keep).await?;
    /// numbers.delete_handler(&log).await?;
    /// assert!(numbers.which_handlers().await?.is_empty());
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn delete_handler<H: EventHandler<E>>(
        &self,
        id: impl Into<HandlerId<H>>,
    ) -> Limited<impl Begin<Output = Result<H, DeleteError>>> {
        self.change(work::delete(id.into()))
    }

    /// Puts a handler in the place of another one, with no event in between: the old one's [`terminate`](EventHandler::terminate)
    /// runs, `args` makes the arguments of the new handler from the old one, and the new one's [`init`](EventHandler::init) runs. If
    /// the old one is not there, `args` gets `None`. An owner of the old one is the owner of the new one.
    ///
    /// # OTP
    ///
    /// `gen_event:swap_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// Dropped after its first poll it no longer waits; the swap takes place nevertheless.
    ///
    /// # Errors
    ///
    /// [`AddError`]; if the new one cannot be added, as `args` or its `init` fail, the old one is gone.
    pub fn swap_handler<Old: EventHandler<E>, New: EventHandler<E>>(
        &self,
        old: impl Into<HandlerId<Old>>,
        new: impl Into<HandlerId<New>>,
        args: impl FnOnce(Option<Old>) -> New::Args + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::swap((old.into(), new.into()), None, args))
    }

    /// As [`swap_handler`](Self::swap_handler), for a new owner of the new handler.
    ///
    /// # OTP
    ///
    /// `gen_event:swap_sup_handler/3`.
    ///
    /// # Cancel safety
    ///
    /// As for [`swap_handler`](Self::swap_handler).
    ///
    /// # Errors
    ///
    /// As for [`swap_handler`](Self::swap_handler).
    pub fn swap_sup_handler<Old: EventHandler<E>, New: EventHandler<E>>(
        &self,
        old: impl Into<HandlerId<Old>>,
        new: impl Into<HandlerId<New>>,
        owner: impl Into<Recipient<HandlerExit>>,
        args: impl FnOnce(Option<Old>) -> New::Args + Send + 'static,
    ) -> Limited<impl Begin<Output = Result<(), AddError>>> {
        self.change(work::swap(
            (old.into(), new.into()),
            Some(owner.into()),
            args,
        ))
    }

    /// Calls one handler, and returns its answer. It waits for at most 5 s, or for as long as [`timeout`](Limited::timeout) says.
    ///
    /// # OTP
    ///
    /// `gen_event:call/3,4`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`](crate::ServerRef::call).
    ///
    /// # Errors
    ///
    /// [`HandlerCallError`]. If the handler fails over the call, the manager goes on without it.
    pub fn call<H: HandleCall<E>, T: Send + 'static>(
        &self,
        id: impl Into<HandlerId<H>>,
        request: impl FnOnce(ReplyTo<T>) -> H::Call + Send,
    ) -> Limited<impl Begin<Output = Result<T, HandlerCallError>>> {
        let id = id.into();
        Limited::new(TimeLimit::DEFAULT, move |limit| async move {
            let fault = Fault::default();
            let answer = self.ask(limit, |from| {
                Asked::Do(work::call(id, request(from), fault.clone()))
            });
            let answer = answer.await;
            answer.map_err(|error| fault.take().unwrap_or(error.into()))
        })
    }

    /// Sends a call to one handler without waiting for the answer. If there is no such handler, or if it fails, the
    /// wait for the answer returns [`CallError::ReplyDropped`].
    ///
    /// # OTP
    ///
    /// `gen_event:send_request/3`.
    ///
    /// # Cancel safety
    ///
    /// The request has been sent when this returns. If the request is dropped, the handler still handles it, and the answer is
    /// lost.
    pub fn send_request<H: HandleCall<E>, T: Send + 'static>(
        &self,
        id: impl Into<HandlerId<H>>,
        request: impl FnOnce(ReplyTo<T>) -> H::Call,
    ) -> gen_server::Request<EventServer<E>, T> {
        let id = id.into();
        let request = |from| {
            let work = work::call(id, request(from), Fault::default());
            ManagerRequest(Asked::Do(work))
        };
        match self.0.at() {
            At::Process(server) => server.send_request(request),
            At::Name(name) => name.send_request(request),
        }
    }

    /// The ids of the handlers, in the order in which they see events. It waits without a limit, unless
    /// [`timeout`](Limited::timeout) sets one.
    ///
    /// # OTP
    ///
    /// `gen_event:which_handlers/1`.
    ///
    /// # Cancel safety
    ///
    /// As for [`ServerRef::call`](crate::ServerRef::call).
    ///
    /// # Errors
    ///
    /// [`CallError`].
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_core::event_manager::{EventManager, Handled};
    /// use otp_core::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), ExitReason> {
    /// # Node::new().try_run(async {
    /// let numbers = EventManager::<u32>::start_link().await?;
    /// let first = numbers.add_fn("first", |_| Handled::Keep).await?;
    /// let second = numbers.add_fn("second", |_| Handled::Keep).await?;
    /// // A new handler is called before the others.
    /// assert_eq!(numbers.which_handlers().await?, [second, first]);
    /// # Ok(())
    /// # }).await
    /// # }
    /// ```
    pub fn which_handlers(
        &self,
    ) -> Limited<impl Begin<Output = Result<Vec<HandlerName>, CallError>>> {
        Limited::new(TimeLimit::Infinity, |limit| self.ask(limit, Asked::Which))
    }

    /// A change of the handlers. The manager answers when it is done. OTP waits for it without a limit.
    fn change<T: Send + 'static, R: From<CallError> + Send + 'static>(
        &self,
        work: impl FnOnce(ReplyTo<Result<T, R>>) -> Asked<E> + Send,
    ) -> Limited<impl Begin<Output = Result<T, R>>> {
        Limited::new(TimeLimit::Infinity, move |limit| async move {
            self.ask(limit, work).await?
        })
    }
}
