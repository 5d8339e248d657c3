//! Drives the real thing: PostgreSQL, Asterisk, SIP phones and Chromium.
