//! The span that a message, a process or a timer comes from: see [`guide::spans`](crate::guide::spans).
//!
//! Without the feature `spans` there is nothing of this: an [`Origin`] has no size, and [`Origin::around`] returns the future
//! that it is given.
//!
//! # How deep spans nest
//!
//! The span of a message is below the span in which the message was sent, and keeps that one open. A server that sends
//! itself a message in each message would nest its spans without end. So only a call is below the span of the message
//! in which it is made, because that message waits for the call. The span of any other message is beside it, below the
//! same span of the user's. A span that the user's code opens within the message is kept, up to [`MAX_HOPS`] times.

#[cfg(feature = "spans")]
pub(crate) use self::with::Origin;
#[cfg(not(feature = "spans"))]
pub(crate) use self::without::Origin;

/// How deep spans nest: see above.
#[cfg(feature = "spans")]
const MAX_HOPS: u8 = 16;

/// The work that a process does in its span.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Doing {
    /// All that it does: a raw process, or a task.
    Run,
    Init,
    HandleCall,
    HandleCast,
    HandleInfo,
    HandleContinue,
}

impl Doing {
    /// OTP's name for the callback.
    #[cfg(feature = "metrics")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Run => "process",
            Self::Init => "init",
            Self::HandleCall => "handle_call",
            Self::HandleCast => "handle_cast",
            Self::HandleInfo => "handle_info",
            Self::HandleContinue => "handle_continue",
        }
    }
}

#[cfg(not(feature = "spans"))]
mod without {
    use std::future::Future;

    use super::Doing;
    use crate::process::life::block::Head;

    #[derive(Default, Clone)]
    pub(crate) struct Origin(());

    impl Origin {
        #[inline(always)]
        pub(crate) fn here() -> Self {
            Self(())
        }

        #[inline(always)]
        pub(crate) fn of_call() -> Self {
            Self(())
        }

        #[inline(always)]
        pub(crate) fn span(self, _: &Head, _: Doing) -> Self {
            Self(())
        }

        #[inline(always)]
        pub(crate) fn around<F: Future>(self, future: F) -> F {
            future
        }

        #[inline(always)]
        pub(crate) fn around_call<T>(self, call: impl FnOnce() -> T) -> impl FnOnce() -> T {
            call
        }
    }
}

#[cfg(feature = "spans")]
mod with {
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use pin_project_lite::pin_project;
    use tracing::span::Id;
    use tracing::{Dispatch, Span, dispatcher};

    use super::{Doing, MAX_HOPS};
    use crate::process::inspection::report::label;
    use crate::process::life::block::Head;
    use crate::report::SPAN_TARGET;
    use crate::util::panic;

    thread_local! {
        /// The work of the process that runs on this thread.
        static CURRENT: RefCell<Origin> = const { RefCell::new(Origin(None)) };
    }

    /// A span that something comes from, or in which something is done. Nothing, outside of all spans.
    #[derive(Default, Clone)]
    pub(crate) struct Origin(Option<Arc<OriginInner>>);

    struct OriginInner {
        span: Span,
        /// For a span of the runtime's: the span above it.
        outer: Option<Origin>,
        /// The number of messages between this one and the first of their chain.
        hops: u8,
    }

    impl Doing {
        fn span(self, head: &Head, parent: Option<Id>) -> Span {
            macro_rules! span {
                ($name:literal) => {
                    tracing::info_span!(
                        target: SPAN_TARGET,
                        parent: parent,
                        $name,
                        pid = %head.pid,
                        name = first_name(head),
                        label = label(head),
                        "type" = (head.initial_call)(),
                    )
                };
            }
            match self {
                Self::Run => span!("process"),
                Self::Init => span!("init"),
                Self::HandleCall => span!("handle_call"),
                Self::HandleCast => span!("handle_cast"),
                Self::HandleInfo => span!("handle_info"),
                Self::HandleContinue => span!("handle_continue"),
            }
        }
    }

    impl OriginInner {
        /// The nearest span of the user's that this one of the runtime's is below.
        fn users(&self) -> Option<&Span> {
            let mut outer = self.outer.as_ref()?.0.as_ref()?;
            while let Some(further) = &outer.outer {
                outer = further.0.as_ref()?;
            }
            Some(&outer.span)
        }
    }

    fn first_name(head: &Head) -> Option<String> {
        let name = head.ties.with(|ties| ties.names().next().cloned());
        // A key of the user's type may fail to show itself.
        name.map(|name| panic::quietly(|| name.to_string()))
    }

    impl Origin {
        /// The span from which messages are sent, and processes started, at this moment.
        pub(crate) fn here() -> Self {
            Self::current(|doing| doing.outer.clone())
        }

        /// The span that a call that is made now comes from.
        pub(crate) fn of_call() -> Self {
            Self::current(|doing| match doing.hops < MAX_HOPS {
                true => None,
                false => doing.outer.clone(),
            })
        }

        /// The current span. Inside of a span of the runtime's, the span that `outer` selects, if there is one.
        fn current(outer: impl FnOnce(&OriginInner) -> Option<Self>) -> Self {
            let span = Span::current();
            let current = CURRENT.with_borrow(Self::clone);
            match &current.0 {
                None => Self::of(span, None, 0),
                Some(doing) if doing.span.id() == span.id() => outer(doing).unwrap_or(current),
                Some(doing) if doing.hops < MAX_HOPS => Self::of(span, None, doing.hops + 1),
                Some(doing) => doing.outer.clone().unwrap_or_default(),
            }
        }

        fn of(span: Span, outer: Option<Self>, hops: u8) -> Self {
            let inner = |span| OriginInner { span, outer, hops };
            Self((!span.is_disabled()).then(|| Arc::new(inner(span))))
        }

        /// The span of a process for its present work, below this one; this one itself, if no subscriber wants it.
        pub(crate) fn span(self, head: &Head, doing: Doing) -> Self {
            // A subscriber knows no span of another one as a parent.
            let below = |(id, subscriber): (&Id, &Dispatch)| {
                dispatcher::with_default(subscriber, || doing.span(head, Some(id.clone())))
            };
            let inner = self.0.as_ref();
            let below = inner.and_then(|inner| inner.span.with_subscriber(below));
            let span = below.unwrap_or_else(|| doing.span(head, None));
            if span.is_disabled() {
                return self;
            }
            let hops = inner.map_or(0, |inner| inner.hops.saturating_add(1));
            Self::of(span, Some(self), hops)
        }

        /// A future whose polls, and whose end, are inside of this span.
        pub(crate) fn around<F: Future>(self, future: F) -> Within<F> {
            Within {
                future: Some(future),
                doing: self,
            }
        }

        /// A function that is called inside of this span.
        pub(crate) fn around_call<T>(self, call: impl FnOnce() -> T) -> impl FnOnce() -> T {
            move || self.within(call)
        }

        fn within<T>(&self, call: impl FnOnce() -> T) -> T {
            /// Restores the former span.
            struct Before(Origin);

            impl Drop for Before {
                fn drop(&mut self) {
                    CURRENT.set(std::mem::take(&mut self.0));
                }
            }

            let _before = Before(CURRENT.replace(self.clone()));
            let Some(inner) = &self.0 else {
                return call();
            };
            // If a filter hides the spans of the runtime from one of several layers, that layer sees only the spans
            // that are entered.
            match inner.users() {
                Some(users) => users.in_scope(|| inner.span.in_scope(call)),
                None => inner.span.in_scope(call),
            }
        }
    }

    pin_project! {
        pub(crate) struct Within<F> {
            #[pin]
            future: Option<F>,
            doing: Origin,
        }

        impl<F> PinnedDrop for Within<F> {
            fn drop(this: Pin<&mut Self>) {
                let mut this = this.project();
                this.doing.within(|| this.future.set(None));
            }
        }
    }

    impl<F: Future> Future for Within<F> {
        type Output = F::Output;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            let this = self.project();
            let future = this
                .future
                .as_pin_mut()
                .expect("it is there until this is dropped");
            this.doing.within(|| future.poll(cx))
        }
    }
}
