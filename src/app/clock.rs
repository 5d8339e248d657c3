//! What time it is. The only place that asks the system.

use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Copy)]
pub struct Clock(fn() -> DateTime<Utc>);

impl Clock {
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        Self(Utc::now)
    }

    /// A clock that stands or runs as a test wants.
    pub fn from_fn(now: fn() -> DateTime<Utc>) -> Self {
        Self(now)
    }

    pub fn now(self) -> DateTime<Utc> {
        (self.0)()
    }
}
