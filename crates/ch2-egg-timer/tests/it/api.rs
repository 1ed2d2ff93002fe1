//! A session with all operations of the API.

use crate::kitchen::{kitchen, name, rang, schedule};
use ch2_egg_timer::api::CancelError;
use ch2_egg_timer::boundary::{Event, OnRing};
use ch2_egg_timer::core::{AlarmName, Length};
use otp_core::prelude::*;
use otp_text::duration::hms;

// S39
#[tokio::test(start_paused = true)]
async fn a_session_from_start_to_stop() {
    kitchen(async |mut kitchen| {
        assert_eq!(kitchen.timer.status().await.expect("an answer"), []);
        kitchen.set("eggs", "3661900ms", OnRing::Tell(None)).await;
        kitchen.set("tea", "30ms", OnRing::Tell(None)).await;
        assert_eq!(kitchen.names().await, ["eggs", "tea"]);

        // An invalid argument does not parse, so the timer does not get it.
        assert!("".parse::<AlarmName>().is_err());
        assert!("-1ms".parse::<Length>().is_err());
        assert!("11y".parse::<Length>().is_err());

        kitchen.expect(rang("tea"), 30).await;
        let status = kitchen.timer.status().await.expect("an answer");
        let shown: Vec<_> = status
            .iter()
            .map(|alarm| (alarm.name.as_str(), hms(alarm.duration)))
            .collect();
        assert_eq!(shown, [("eggs", "1:01:01".to_owned())]);

        kitchen
            .timer
            .cancel(name("eggs"))
            .await
            .expect("eggs are pending");
        assert_eq!(kitchen.timer.status().await.expect("an answer"), []);
        kitchen.timer.stop().await.expect("it stops");
        assert_eq!(kitchen.event().await, Event::Stopped(ExitReason::Normal));

        let error = kitchen.timer.status().await.expect_err("it has stopped");
        assert!(matches!(error, CallError::NoProcess { .. }), "{error:?}");
        let error = kitchen
            .timer
            .cancel(name("eggs"))
            .await
            .expect_err("it has stopped");
        assert!(
            matches!(error, CancelError::Call(CallError::NoProcess { .. })),
            "{error:?}"
        );
        schedule(&kitchen.timer, "eggs", "0s");
        kitchen.expect_silence().await;
    })
    .await;
}
