//! The answers of servers, as the functions of the module `sys` expect them.

use std::time::SystemTime;

use chrono::{DateTime, Datelike, Days, Local, TimeZone, Timelike};
use otp_core::sys::{self, Mode, Statistics, SysEvent};
use otp_core::{CallError, Pid};
use otp_etf::{Atom, Decoder, Limits, Term, term};

use super::request::Simple;
use crate::core::Core;
use crate::gate::Doing;

/// Carries a request out.
pub(super) async fn simple(pid: Pid, request: Simple) -> Result<Term, CallError> {
    match request {
        Simple::Suspend => sys::suspend(pid).await?,
        Simple::Resume => sys::resume(pid).await?,
        Simple::Statistics(switch) => sys::statistics(pid, switch).await?,
        Simple::Log(events) => sys::log(pid, events).await?,
        Simple::Trace(switch) => sys::trace(pid, switch).await?,
        Simple::NoDebug => sys::no_debug(pid).await?,
        Simple::GetStatistics => {
            let statistics = sys::get_statistics(pid).await?;
            let statistics = statistics.map_or_else(|| term!(no_statistics), |it| counted(&it));
            return Ok(term!({ok, (statistics)}));
        }
        Simple::GetLog => {
            let events = logged(&sys::get_log(pid).await?);
            return Ok(term!({ok, (events)}));
        }
        Simple::PrintLog => {
            for event in sys::get_log(pid).await? {
                tracing::info!(%pid, %event, "an event of the log");
            }
        }
        Simple::UnknownDebug => return Ok(term!(unknown_debug)),
        Simple::Unknown(request) => {
            return Ok(term!({error, {unknown_system_msg, (request)}}));
        }
    }
    Ok(term!(ok))
}

fn counted(statistics: &Statistics) -> Term {
    let now = SystemTime::now();
    let since = statistics.current_time - statistics.start_time;
    term!([
        {start_time, (civil(now.checked_sub(since)))},
        {current_time, (civil(Some(now)))},
        {messages_in, (statistics.messages_in)},
        {messages_out, (statistics.messages_out)},
    ])
}

/// `{{Year, Month, Day}, {Hour, Minute, Second}}` in the time zone of the host; `undefined` for a moment outside of the
/// calendar.
fn civil(moment: Option<SystemTime>) -> Term {
    let local = || {
        let since = moment?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        // The zone may move it into another year.
        let utc = DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, 0)?;
        let near = utc.checked_add_days(Days::new(1))?;
        (near.year() <= 9999).then(|| Local.from_utc_datetime(&utc.naive_utc()))
    };
    local().map_or_else(
        || term!(undefined),
        |local| {
            term!({
                {(local.year()), (local.month()), (local.day())},
                {(local.hour()), (local.minute()), (local.second())},
            })
        },
    )
}

fn logged(events: &[SysEvent]) -> Term {
    Term::list(events.iter().map(|event| Term::from(event.to_string())))
}

/// The result of `sys:get_status` for a `gen_server`. The state is the view of [`sys`](crate::Exposure::sys).
pub(super) async fn status(core: &Core, pid: Pid, state: Doing<Option<Vec<u8>>>) -> Option<Term> {
    let status = sys::get_status(pid).await.ok()?;
    let state = state.await?;
    let state = Decoder::new(&state, Limits::none()).term().ok()?;
    let me: Term = core.pid_out(pid)?.into();
    let parent = status.parent.and_then(|parent| core.pid_out(parent));
    // A server without a parent is its own.
    let parent = parent.map_or_else(|| me.clone(), Term::from);
    let mode = match status.mode {
        Mode::Running => term!(running),
        Mode::Suspended => term!(suspended),
    };
    let header = Term::charlist(&format!("Status for {}", status.server));
    let server = Atom::new(status.server).unwrap_or_else(|_| Atom::constant("gen_server"));
    let text = Term::charlist;
    let data = term!([
        {(text("Status")), (mode.clone())},
        {(text("Parent")), (parent.clone())},
        {(text("Logged events")), (logged(&status.log))},
    ]);
    let misc = term!([
        {header, (header)},
        {data, (data)},
        {data, [{(text("State")), (state)}]},
    ]);
    let dictionary = term!([{@"$initial_call", {(server), init, 1}}]);
    Some(term!({
        status,
        (me),
        {module, gen_server},
        [(dictionary), (mode), (parent), [], (misc)],
    }))
}
