//! The parts that pages are made of. A part knows how it looks and nothing of what it shows.

pub mod chart;
pub mod codecs;
pub(crate) mod dial;
pub mod did;
pub mod form;
pub mod icon;
pub mod part;
pub mod shell;
pub(crate) mod spark;
pub mod state;
pub mod url;
