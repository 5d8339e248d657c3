//! Pages about the numbers that trunks deliver: where each leads, and those that lead nowhere.

pub mod destination;
pub mod form;
pub mod list;
