//! Many extensions at once: from a table, to a table, and one change of a selection.

mod export;
mod import;
mod many;
mod original;
mod pages;

use crate::support::Pbx;
use crate::support::client::{Answer, Api};

/// Sends a table as a program would.
pub async fn import(api: &Api, csv: &str, query: &str) -> Answer {
    let path = format!("/api/peers/import{query}");
    let csv = csv.to_owned();
    api.send(reqwest::Method::POST, &path, |request| {
        request
            .header("content-type", "text/csv; charset=utf-8")
            .body(csv)
    })
    .await
}

pub async fn count(pbx: &Pbx) -> i64 {
    pbx.owner()
        .await
        .count("select count(*) from pbx.extension", &[])
        .await
}
