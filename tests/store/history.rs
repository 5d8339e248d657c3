//! Every change is recorded: by whom, from where, what before and after.

use serde_json::{Value, json};
use sqlx::postgres::PgListener;

use crate::support::poll::in_time;
use crate::support::{Pbx, pbx};

#[derive(Debug, sqlx::FromRow)]
struct Change {
    actor: String,
    origin: Option<String>,
    act: Option<String>,
    tab: String,
    op: String,
    before: Option<Value>,
    after: Option<Value>,
}

async fn changes(pbx: &Pbx, key: &str) -> Vec<Change> {
    let sql = "select actor, origin, act, tab, op::text as op, before, after from pbx.change where key = $1 order by id";
    pbx.owner().await.rows(sql, &[key]).await
}

#[tokio::test]
async fn a_change_over_rest_names_the_person_the_act_and_the_values() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let before = changes(&pbx, &ada.number).await.len();
    ada.change(json!({"caller_id": "Ada L", "secret": "Correct-Horse-Battery-9"}))
        .await;
    let all = changes(&pbx, &ada.number).await;
    assert!(before >= 4, "endpoint, auth, aor, extension: {all:#?}");

    let new = &all[before..];
    let endpoint = new
        .iter()
        .find(|change| change.tab == "ps_endpoints")
        .expect("recorded");
    assert_eq!(endpoint.actor, "admin");
    assert_eq!(endpoint.act.as_deref(), Some("extension.edit"));
    assert!(
        endpoint
            .origin
            .as_deref()
            .is_some_and(|origin| origin.starts_with("127."))
    );
    assert_eq!(endpoint.op, "U");
    assert_eq!(
        endpoint.before,
        Some(json!({"callerid": format!("\"Ada\" <{}>", ada.number)}))
    );
    assert_eq!(
        endpoint.after,
        Some(json!({"callerid": format!("\"Ada L\" <{}>", ada.number)}))
    );

    let auth = new
        .iter()
        .find(|change| change.tab == "ps_auths")
        .expect("recorded");
    assert_eq!(
        auth.before,
        Some(json!({"password_digest": "********"})),
        "masked"
    );
    assert_eq!(
        auth.after,
        Some(json!({"password_digest": "********"})),
        "masked"
    );
    assert!(
        !format!("{all:?}").contains("MD5:"),
        "no digest is in what people read"
    );
}

#[tokio::test]
async fn a_change_in_sql_names_the_role_whatever_it_claims() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let dba = pbx.dba().await;
    let before = changes(&pbx, &ada.number).await.len();
    dba.does(&format!(
        "select set_config('pbx.actor', 'admin', false), set_config('pbx.act', 'extension.edit', false);
         update ps_endpoints set callerid = 'Door <{0}>' where id = '{0}'",
        ada.number
    ));
    let all = changes(&pbx, &ada.number).await;
    let new = all[before..]
        .iter()
        .find(|change| change.tab == "ps_endpoints")
        .expect("recorded");
    assert_eq!(
        (new.actor.as_str(), new.act.as_deref()),
        ("gonopbx_dba", None),
        "{new:?}"
    );
}

#[tokio::test]
async fn a_password_written_in_sql_is_a_digest_before_anybody_can_read_it() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let secret = "written-in-sql-47";
    let dba = pbx.dba().await;
    dba.does(&format!(
        "update ps_auths set password = '{secret}' where id = '{}'",
        ada.number
    ));
    let owner = pbx.owner().await;
    let kept: Vec<(Option<String>, String)> = owner
        .rows(
            "select password, left(password_digest, 4) from ps_auths where id = $1",
            &[&ada.number],
        )
        .await;
    assert_eq!(kept, [(None, "MD5:".to_owned())]);
    let all = changes(&pbx, &ada.number).await;
    assert!(!format!("{all:?}").contains(secret), "{all:?}");
}

#[tokio::test]
async fn what_did_not_change_is_not_recorded() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let before = changes(&pbx, &ada.number).await.len();
    ada.change(json!({"caller_id": "Ada"})).await;
    let dba = pbx.dba().await;
    dba.does(&format!(
        "update ps_endpoints set callerid = callerid where id = '{}'",
        ada.number
    ));
    let all = changes(&pbx, &ada.number).await;
    assert_eq!(all.len(), before, "{:#?}", &all[before..]);
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_behind() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let before = changes(&pbx, &ada.number).await.len();
    let admin = pbx.admin().await;
    let other = pbx.ext().create().await;
    let wanted = json!({"caller_id": "New", "extension": other.number});
    admin
        .put(&ada.path(), &wanted)
        .await
        .expect_error(400, "taken");
    assert_eq!(changes(&pbx, &ada.number).await.len(), before);
    let kept = admin.get(&ada.path()).await.expect(200);
    assert!(kept["caller_id"].is_null(), "{kept}");
}

#[tokio::test]
async fn a_statement_over_many_rows_tells_once_that_it_is_many() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    let mut listener = PgListener::connect(pbx.value("DATABASE_URL"))
        .await
        .expect("the database");
    listener.listen("pbx").await.expect("heard");
    dba.does(
        "insert into extensions (context, exten, priority, app, appdata)
         select 'custom', (760000 + n)::text, 1, 'NoOp', 'many' from generate_series(1, 1000) n",
    );
    let mut told = 0;
    loop {
        let notice = in_time("the end of the transaction", listener.recv())
            .await
            .expect("heard");
        let notice: Value = serde_json::from_str(notice.payload()).expect("JSON");
        if notice["t"] == "extensions"
            && notice["k"]
                .as_str()
                .is_some_and(|k| k.starts_with("custom/76"))
        {
            told += 1;
        } else if notice["t"] == "*" {
            break;
        }
    }
    assert_eq!(told, 300, "one by one up to a limit, and then one for all");
    dba.does("delete from extensions where context = 'custom' and exten like '76____'");
}
