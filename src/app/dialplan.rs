//! Keeps the dialplan rows what follows from the extensions, for changes that were made in SQL.

use super::Result;
use crate::dialplan::compile;
use crate::domain::{Actor, ExtNumber, Role};
use crate::store::{self, PgPool};

/// Who the history names for rows that the server brings up to date by itself.
fn server() -> Actor {
    Actor {
        user_id: 0,
        username: "gonopbx-server".into(),
        role: Role::Admin,
        extension: None,
        session: uuid::Uuid::nil(),
        origin: String::new(),
    }
}

const ACT: &str = "dialplan.reconcile";

/// The row of one number.
pub async fn reconcile(pool: &PgPool, number: &ExtNumber) -> Result<()> {
    let mut tx = pool.begin().await?;
    let xid = store::changes::begin(&mut tx, &server(), ACT).await?;
    let row = store::extensions::dialable(&mut tx, number)
        .await?
        .as_ref()
        .and_then(compile);
    store::extensions::save_row(&mut tx, number, row.as_ref()).await?;
    store::changes::announce_end(&mut tx, xid).await?;
    tx.commit().await?;
    Ok(())
}

/// Every row; returns how many were wrong.
pub async fn reconcile_all(pool: &PgPool) -> Result<usize> {
    let wrong = wrong_rows(pool).await?;
    for number in &wrong {
        reconcile(pool, number).await?;
    }
    Ok(wrong.len())
}

/// The numbers whose row is not what follows from the extension.
pub async fn wrong_rows(pool: &PgPool) -> Result<Vec<ExtNumber>> {
    let all = store::extensions::dialables(&mut *pool.acquire().await?).await?;
    let wrong = all.into_iter().filter_map(|(dialable, appdata)| {
        let should_be = compile(&dialable).map(|row| row.appdata);
        (should_be != appdata).then_some(dialable.number)
    });
    Ok(wrong.collect())
}
