//! Attacks by class, against the running product: over HTTP, SIP and SQL, and in a browser.

mod addresses;
mod fraud;
