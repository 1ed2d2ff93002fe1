//! Moments by cron expressions.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use chrono::{DateTime, Datelike, FixedOffset, Local, TimeDelta, TimeZone, Utc};
use thiserror::Error;

/// A cron expression: `minute hour day month weekday`, optionally with seconds in front, or a nickname such as
/// `@daily`.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use otp_core::schedule::{Cron, Zone};
///
/// let cron: Cron = "30 4 * * *".parse().expect("it is one");
/// let midnight = SystemTime::UNIX_EPOCH;
/// let next = cron.in_zone(Zone::Utc).next_after(midnight);
/// assert_eq!(next, Some(midnight + Duration::from_secs((4 * 60 + 30) * 60)));
/// assert!("30 25 * * *".parse::<Cron>().is_err());
/// ```
#[derive(Clone)]
pub struct Cron {
    cron: croner::Cron,
    /// As it was written.
    text: String,
    zone: Zone,
}

/// The time zone of a cron expression.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use otp_core::schedule::{Cron, Zone};
///
/// let noon: Cron = "0 12 * * *".parse().expect("an expression");
/// let epoch = SystemTime::UNIX_EPOCH;
/// let hours = |n: u64| Some(epoch + Duration::from_secs(n * 3600));
/// assert_eq!(noon.clone().in_zone(Zone::Utc).next_after(epoch), hours(12));
/// // Two hours to the east noon is two hours earlier.
/// assert_eq!(noon.in_zone(Zone::Offset(2 * 3600)).next_after(epoch), hours(10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// The zone of the system, with its summer time: the jobs of an hour that is left out run directly after it, and
    /// those of an hour that comes twice run once.
    #[default]
    Local,
    /// Without summer time.
    Utc,
    /// A fixed number of seconds east of Greenwich.
    Offset(i32),
}

/// The error for a text that is no cron expression.
///
/// # Examples
///
/// ```
/// use otp_core::schedule::{Cron, InvalidCron};
///
/// let invalid: InvalidCron = "30 25 * * *".parse::<Cron>().expect_err("a day has 24 hours");
/// assert_eq!(invalid.text, "30 25 * * *");
/// assert!(invalid.to_string().starts_with("invalid cron expression"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "invalid cron expression {text:?}: {why}; expected five fields, or six with seconds in front, such as \"30 4 * * *\" for half past four each day"
)]
pub struct InvalidCron {
    /// The text.
    pub text: String,
    /// The fault in it.
    pub why: String,
}

impl Cron {
    /// Sets the time zone; that of the system by default.
    #[must_use]
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The first moment after this one; `None` if there is none in the years 1 to 5000.
    #[must_use]
    pub fn next_after(&self, moment: SystemTime) -> Option<SystemTime> {
        match self.zone {
            Zone::Local => self.next_in(&Local, moment),
            Zone::Utc => self.next_in(&Utc, moment),
            Zone::Offset(seconds) => self.next_in(&FixedOffset::east_opt(seconds)?, moment),
        }
    }

    fn next_in<Z: TimeZone>(&self, zone: &Z, moment: SystemTime) -> Option<SystemTime> {
        let moment = of_calendar(moment)?.with_timezone(zone);
        let next = self.cron.find_next_occurrence(&moment, false).ok()?;
        let since = next.signed_duration_since(DateTime::UNIX_EPOCH);
        match since.to_std() {
            Ok(since) => SystemTime::UNIX_EPOCH.checked_add(since),
            Err(_) => SystemTime::UNIX_EPOCH.checked_sub((-since).to_std().ok()?),
        }
    }
}

/// The moment, or the year 0 if it is earlier; `None` if it is later than the year 5001. So a zone moves it neither over the
/// ends of the calendar of `chrono`, which panics there, nor into the years of `croner`.
fn of_calendar(moment: SystemTime) -> Option<DateTime<Utc>> {
    let epoch = DateTime::UNIX_EPOCH;
    let moment = match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => epoch.checked_add_signed(TimeDelta::from_std(since).ok()?)?,
        Err(before) => {
            let before = TimeDelta::from_std(before.duration()).unwrap_or(TimeDelta::MAX);
            epoch
                .checked_sub_signed(before)
                .unwrap_or(DateTime::<Utc>::MIN_UTC)
        }
    };
    match moment.year() {
        ..0 => Utc.with_ymd_and_hms(0, 1, 1, 0, 0, 0).single(),
        0..=5001 => Some(moment),
        _ => None,
    }
}

impl FromStr for Cron {
    type Err = InvalidCron;

    fn from_str(text: &str) -> Result<Self, InvalidCron> {
        match text.parse() {
            Ok(cron) => Ok(Self {
                cron,
                text: text.to_owned(),
                zone: Zone::default(),
            }),
            Err(why) => Err(InvalidCron {
                text: text.to_owned(),
                why: croner::errors::CronError::to_string(&why),
            }),
        }
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({self}, {:?})", self.zone)
    }
}
