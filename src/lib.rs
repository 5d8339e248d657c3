//! GonoPBX: PostgreSQL and Asterisk as a telephone system that people run from a browser.
//!
//! One way only: `domain <- dialplan, realtime <- store <- app <- web <- boot`; `ami <- live <- app`; `views <- web`.

pub mod ami;
pub mod app;
pub mod boot;
pub mod config;
pub mod dialplan;
pub mod doctor;
pub mod domain;
pub mod live;
pub mod realtime;
pub mod store;
pub mod takeover;
pub mod web;
