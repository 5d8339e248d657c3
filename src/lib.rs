//! GonoPBX: PostgreSQL and Asterisk as a telephone system that people run from a browser.
//!
//! One way only: `domain <- dialplan, realtime <- store <- app <- web <- boot`; `ami <- live <- app`; `views <- web`.

pub mod domain;
