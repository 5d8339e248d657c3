//! The pages as people meet them.

mod access;
mod extension;
mod journey;
mod keys;
mod looks;
mod plain;
mod profile;
mod second_factor;
mod users;
mod voicemail;
