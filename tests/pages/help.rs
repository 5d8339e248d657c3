//! The page that explains, and the keys it names.

use std::collections::BTreeSet;

use crate::support::browser::Browser;
use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;

#[tokio::test]
async fn every_table_there_is_stands_in_the_guide_for_dbas_and_no_other() {
    let pbx = pbx().await;
    let owner = pbx.owner().await;
    let sql = "select case n.nspname when 'pbx' then 'pbx.' else '' end || c.relname
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('public', 'pbx') and c.relkind in ('r', 'v', 'm', 'p') and c.relname <> '_sqlx_migrations'";
    let rows: Vec<(String,)> = owner.rows(sql, &[]).await;
    let there: BTreeSet<String> = rows.into_iter().map(|row| row.0).collect();
    let tables = views::help::TABLES.iter().flat_map(|(tables, _)| *tables);
    let told: BTreeSet<String> = tables.map(|table| (*table).to_owned()).collect();
    let missing: Vec<_> = there.difference(&told).collect();
    let gone: Vec<_> = told.difference(&there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:?}, gone {gone:?}"
    );

    let visitor = pbx.visitor("de").await;
    let page = visitor.open("/help").await.expect(200);
    for table in &told {
        assert!(
            page.html.contains(&format!("<code>{table}</code>")),
            "{table}"
        );
    }
}

#[tokio::test]
async fn what_the_guide_says_of_rights_is_so() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    for (tables, key) in views::help::TABLES {
        for table in tables {
            let is_closed = !dba.psql(&format!("table {table} limit 0")).ok
                && !dba.psql(&format!("select id from {table} limit 0")).ok;
            assert_eq!(is_closed, key == "help-table-closed", "{table}");
        }
    }
}

#[tokio::test]
async fn keys_edit_rename_and_search() {
    let pbx = pbx().await;
    let number = pbx.ext().create().await.number;
    let browser = Browser::open(pbx.url(), "en").await;
    browser.log_in("admin", ADMIN_PASSWORD).await;
    let press = |key: &'static str| {
        let browser = &browser;
        async move {
            let script = format!(
                "document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}}));"
            );
            browser.script(&script).await;
        }
    };
    for (key, part) in [("e", "/edit"), ("r", "/rename")] {
        browser.go(&format!("/extensions/{number}")).await;
        press(key).await;
        browser.is_at(&format!("/extensions/{number}{part}")).await;
    }
    browser.go("/extensions").await;
    press("n").await;
    browser.is_at("/extensions/new").await;
    browser.close().await;
}
