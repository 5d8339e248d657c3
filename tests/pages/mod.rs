//! The pages as people meet them.

mod access;
mod extension;
mod help;
mod journey;
mod keys;
mod large;
mod looks;
mod looks_many;
mod plain;
mod profile;
mod second_factor;
mod settings;
mod users;
mod voicemail;
