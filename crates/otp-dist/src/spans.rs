//! The request that a message belongs to, over nodes: the fields of its span are the label of a sequential trace, whose token goes along.
//!
//! Without the feature `spans` no message has a token, and the tokens of others are not looked at.

#[cfg(feature = "spans")]
pub use self::with::SpanContext;
#[cfg(feature = "spans")]
pub(crate) use self::with::{token, within};
#[cfg(not(feature = "spans"))]
pub(crate) use self::without::{token, within};

#[cfg(not(feature = "spans"))]
mod without {
    use otp_etf::{Atom, Pid, TermRef};

    #[inline(always)]
    pub(crate) fn token(_: Option<&Pid>) -> Option<Vec<u8>> {
        None
    }

    #[inline(always)]
    pub(crate) fn within<T>(_: Option<TermRef<'_>>, _: &Atom, f: impl FnOnce() -> T) -> T {
        f()
    }
}

#[cfg(feature = "spans")]
mod with {
    use std::fmt;
    use std::sync::Arc;

    use otp_core::report::SPAN_TARGET;
    use otp_etf::{Atom, Map, Pid, Term, TermRef, term, to_bytes_into};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Span, Subscriber, info_span};
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::{Context, Layer};
    use tracing_subscriber::registry::LookupSpan;

    /// The fields of spans that cross nodes.
    const FIELDS: [&str; 2] = ["request_id", "traceparent"];

    /// A longer value stays on its node.
    const LONGEST: usize = 256;

    /// A layer that notes which request a span belongs to: the fields `request_id` and `traceparent` of the span, or else those of the span
    /// around it. Messages to other nodes carry them, and are handled there in a span with these fields. It needs the [`Registry`] of
    /// `tracing_subscriber` below it. The page `spans` of otp-core's guide tells more.
    ///
    /// # OTP
    ///
    /// The token of `seq_trace`, with a map as its label. Processes of a BEAM pass it on.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_dist::SpanContext;
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let subscriber = tracing_subscriber::registry().with(SpanContext);
    /// # let _default = tracing::subscriber::set_default(subscriber);
    /// ```
    #[derive(Debug, Clone, Copy, Default)]
    pub struct SpanContext;

    /// What of a span crosses nodes, in the order of [`FIELDS`].
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    struct Fields([Option<Arc<str>>; FIELDS.len()]);

    impl Fields {
        fn of_current() -> Option<Self> {
            let found = Span::current().with_subscriber(|(id, dispatch)| {
                let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
                span.extensions().get::<Self>().cloned()
            });
            found.flatten()
        }

        fn of_label(label: &Term) -> Option<Self> {
            let label = label.as_map()?;
            let mut fields = Self::default();
            for (name, value) in FIELDS.iter().zip(&mut fields.0) {
                let text = label.get_atom(name).and_then(Term::as_str);
                // A peer must not write lines of its own into a log.
                let is_plain =
                    |text: &&str| text.len() <= LONGEST && !text.contains(char::is_control);
                *value = text.filter(is_plain).map(Arc::from);
            }
            (fields != Self::default()).then_some(fields)
        }

        fn label(&self) -> Map {
            let known = FIELDS.iter().zip(&self.0);
            let known = known.filter_map(|(name, value)| Some((name, value.as_ref()?)));
            known
                .map(|(name, value)| (Atom::constant(name).into(), Term::from(&**value)))
                .collect()
        }

        fn set(&mut self, field: &Field, value: impl fmt::Display) {
            if let Some(place) = FIELDS.iter().position(|name| *name == field.name()) {
                let text = value.to_string();
                self.0[place] = (text.len() <= LONGEST).then(|| text.into());
            }
        }
    }

    impl Visit for Fields {
        fn record_str(&mut self, field: &Field, value: &str) {
            self.set(field, value);
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.set(field, format_args!("{value:?}"));
        }
    }

    impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanContext {
        fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
            let Some(span) = context.span(id) else { return };
            let around = span.parent();
            let around = around.and_then(|span| span.extensions().get::<Fields>().cloned());
            let mut fields = around.unwrap_or_default();
            attributes.record(&mut fields);
            if fields != Fields::default() {
                span.extensions_mut().insert(fields);
            }
        }

        fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
            let Some(span) = context.span(id) else { return };
            let mut extensions = span.extensions_mut();
            let mut fields = extensions.remove::<Fields>().unwrap_or_default();
            values.record(&mut fields);
            extensions.insert(fields);
        }
    }

    /// The token of what this process sends now, if it belongs to a request.
    pub(crate) fn token(from: Option<&Pid>) -> Option<Vec<u8>> {
        let (from, fields) = (from?, Fields::of_current()?);
        let token = term!({0, (fields.label()), 0, (from.clone()), 0});
        let mut bytes = Vec::new();
        to_bytes_into(&token, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Handles what has come with this token, in a span with the fields of its request.
    pub(crate) fn within<T>(token: Option<TermRef<'_>>, peer: &Atom, f: impl FnOnce() -> T) -> T {
        let label = |token: TermRef<'_>| token.as_tuple()?.nth(1)?.to_term().ok();
        let fields = token.and_then(label).as_ref().and_then(Fields::of_label);
        let Some(Fields([request_id, traceparent])) = fields else {
            return f();
        };
        let span = info_span!(
            target: SPAN_TARGET,
            parent: None,
            "remote",
            node = peer.as_str(),
            request_id = request_id.map(tracing::field::display),
            traceparent = traceparent.map(tracing::field::display),
        );
        span.in_scope(f)
    }
    #[cfg(test)]
    mod tests {
        use otp_etf::{Term, term};

        use super::{Fields, LONGEST};

        #[test]
        fn a_label_of_a_peer_is_a_request_only_if_it_is_a_plain_text() {
            let label = |id: Term| Fields::of_label(&term!(#{request_id => (id)}));
            let known = label(Term::from("r-17")).expect("a text");
            assert_eq!(known.0[0].as_deref(), Some("r-17"));
            assert_eq!(Term::from(known.label()), term!(#{request_id => "r-17"}));
            let long = "x".repeat(LONGEST + 1);
            for odd in [term!(17), term!(atom), Term::from("a\nb"), Term::from(long)] {
                assert_eq!(label(odd), None);
            }
            for odd in [
                term!(42),
                term!([request_id]),
                term!(#{other => "r"}),
                term!(#{}),
            ] {
                assert_eq!(Fields::of_label(&odd), None);
            }
        }
    }
}
