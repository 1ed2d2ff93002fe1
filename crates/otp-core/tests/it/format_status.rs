//! Error reports: what a server lets them show.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp_core::gen_server::{MessageView, Status};
use otp_core::prelude::*;

use crate::collector::collect;
use crate::reports::pair;
use crate::support::in_process;

/// A server with a secret, and its own ideas of what to show.
struct Vault {
    secret: &'static str,
    breaks: bool,
}

#[gen_server]
impl GenServer for Vault {
    type Args = Self;
    type Cast = &'static str;

    async fn init(state: Self, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(state))
    }

    async fn handle_cast(&mut self, _: &'static str, _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(ExitReason::other("robbed of 1234"))
    }

    fn format_status(&self, status: &mut Status) {
        assert!(!self.breaks, "the vault is jammed on {}", self.secret);
        assert_eq!(status.state, None);
        let hide = |text: &mut String| *text = text.replace(self.secret, "****");
        status.state = Some(format!("secret {}", self.secret));
        status.state.as_mut().map(hide);
        status.message.as_mut().map(hide);
        status.reason = ExitReason::other(status.reason.to_string().replace(self.secret, "****"));
    }

    fn format_message(message: MessageView<'_, Self>) -> Option<String> {
        match message {
            MessageView::Cast(text) => Some((*text).to_owned()),
            _ => None,
        }
    }
}

// ERP-008
#[tokio::test(start_paused = true)]
async fn format_status_decides_what_reports_show() {
    let (reports, _guard) = collect();
    in_process(async move {
        let vault = Vault {
            secret: "1234",
            breaks: false,
        };
        let server = Vault::start(vault).await.unwrap();
        server.cast("try 1234");
        // What the world sees of the end is the true reason.
        assert_eq!(server.wait().await, ExitReason::other("robbed of 1234"));
        let (report, crash) = pair(reports.take());
        assert_eq!(report.field("state"), Some("secret ****"));
        assert_eq!(report.field("last_message"), Some("try ****"));
        assert_eq!(report.field("reason"), Some("robbed of ****"));
        for report in [report, crash] {
            assert!(!format!("{report:?}").contains("1234"), "{report:?}");
        }
    })
    .await;
}

// ERP-009
#[tokio::test(start_paused = true)]
async fn a_format_status_that_panics_leaves_the_report_whole_and_the_state_hidden() {
    let (reports, _guard) = collect();
    in_process(async move {
        let vault = Vault {
            secret: "9876",
            breaks: true,
        };
        let server = Vault::start(vault).await.unwrap();
        server.cast("try 9876");
        let reason = server.wait().await;
        assert_eq!(reason, ExitReason::other("robbed of 1234"));
        let (report, crash) = pair(reports.take());
        let hidden = Some("not shown: format_status panicked");
        assert_eq!(report.field("state"), hidden);
        assert_eq!(report.field("last_message"), hidden);
        assert_eq!(report.field("reason"), Some("robbed of 1234"));
        for report in [report, crash] {
            assert!(!format!("{report:?}").contains("9876"), "{report:?}");
        }
    })
    .await;
}

/// A server that counts how often it is asked what reports may show.
struct Asked(Arc<AtomicUsize>);

#[gen_server]
impl GenServer for Asked {
    type Args = Self;
    type Cast = ();

    async fn init(state: Self, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(state))
    }

    async fn handle_cast(&mut self, (): (), _: &mut Context<Self>) -> Next<Self> {
        Next::Stop(ExitReason::other("crash"))
    }

    fn format_status(&self, _: &mut Status) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

async fn times_asked_by_a_crash() -> usize {
    let asked = Arc::new(AtomicUsize::new(0));
    let times = asked.clone();
    in_process(async move {
        let server = Asked::start(Asked(asked))
            .await
            .expect("its init cannot fail");
        server.cast(());
        server.wait().await;
    })
    .await;
    times.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_report_that_nobody_listens_to_is_not_written() {
    assert_eq!(times_asked_by_a_crash().await, 0);
    let (_reports, _guard) = collect();
    assert_eq!(times_asked_by_a_crash().await, 1);
}
