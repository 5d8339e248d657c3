//! Attacks by class, against the running product: over HTTP, SIP and SQL, and in a browser.

mod addresses;
mod fraud;
mod injection;
mod leaks;
mod logins;
mod other_sites;
mod scripts;
mod slow;
mod tokens;
mod uploads;
