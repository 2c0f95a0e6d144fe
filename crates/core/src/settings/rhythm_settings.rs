//! All that the rhythm of an account is made of, and what the schedule decides by it.

use jiff::{civil, tz::TimeZone};

use super::{
    fault::RhythmFault,
    rhythm::{CronPattern, Hours, Jitter, OffHours, Zone},
    value::Every,
};
use crate::schedule::{Beat, Rhythm};

/// All that the rhythm of an account is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RhythmSettings {
    /// `every`: the time between pokes, within the working hours where there are any.
    pub every: Every,
    /// `hours`: the working hours; always, where there are none.
    pub hours: Option<Hours>,
    /// `outside`: the time between pokes outside the working hours.
    pub outside: OffHours,
    /// `time_zone`: whose clock the hours and the cron expression mean.
    pub zone: Zone,
    /// `cron`: in the place of `every`.
    pub cron: Option<CronPattern>,
    /// `jitter`: how far pokes spread.
    pub jitter: Jitter,
}

impl RhythmSettings {
    /// A plain interval, with all else as by default.
    #[must_use]
    pub fn every(every: Every) -> Self {
        Self {
            every,
            hours: None,
            outside: OffHours::default(),
            zone: Zone::default(),
            cron: None,
            jitter: Jitter::default(),
        }
    }

    /// The days on which it pokes within the working hours; none where it has no such hours.
    #[must_use]
    pub fn days(&self) -> Vec<civil::Weekday> {
        self.hours.as_ref().map(Hours::days).unwrap_or_default()
    }

    /// What does not go together: the field, and why. `every` always has a value, so beside `cron`
    /// it is no fault but without effect.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, RhythmFault)> {
        (self.cron.is_some() && self.hours.is_some()).then_some(("cron", RhythmFault::CronAndHours))
    }

    /// The rhythm to decide by. `system` is the time zone of this machine; where it changes, make
    /// the rhythm anew.
    #[must_use]
    pub fn rhythm(&self, system: &TimeZone) -> Rhythm {
        let every = self.every.duration();
        let beat = match (&self.cron, &self.hours) {
            (Some(cron), _) => Beat::Cron(Box::new(cron.clone())),
            (None, Some(hours)) => Beat::Hours {
                hours: hours.clone(),
                inside: every,
                outside: self.outside.0.map(Every::duration),
            },
            (None, None) => Beat::Every(every),
        };
        Rhythm {
            beat,
            zone: self.zone.0.as_ref().unwrap_or(system).clone(),
            jitter: self.jitter,
        }
    }
}
