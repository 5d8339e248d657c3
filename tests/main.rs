//! Drives the real thing: PostgreSQL, Asterisk, SIP phones and Chromium.
//!
//! `cargo test --test suite` runs all, `cargo test --test suite calls::` one part, and a test's name one test. Pictures
//! of the pages and the logs of a run are left in cargo's target folder.

mod support;

mod api;
mod architecture;
mod bulk;
mod calls;
mod changes;
mod faults;
mod forwards;
mod live;
mod mail;
mod pages;
mod security;
mod store;
mod trunks;
