//! The database as people with SQL meet it.

mod guards;
mod history;
mod live;
mod numbers;
mod privileges;
mod schema;
mod statistics;
