//! Rows that a person with SQL adds to the dialplan.

use super::AT_ONCE;
use crate::support::pbx;

#[tokio::test]
async fn a_row_in_context_custom_is_dialled_where_ours_has_no_match() {
    let pbx = pbx().await;
    let dba = pbx.dba().await;
    dba.does(
        "insert into extensions (context, exten, priority, app, appdata) values
           ('custom', '70001', 1, 'Answer', ''), ('custom', '70001', 2, 'Echo', '')",
    );
    let ada = pbx.ext().phone().await;
    let mut out = ada.dial("70001").await;
    out.is_answered().await;
    out.hears_an_echo().await;
    out.hang_up().await;

    dba.does("delete from extensions where context = 'custom' and exten = '70001'");
    assert_eq!(
        ada.dial("70001").await.is_refused_within(AT_ONCE).await,
        404,
        "deleted"
    );
}

#[tokio::test]
async fn an_endpoint_with_context_custom_sees_those_rows_first_and_then_ours() {
    let pbx = pbx().await;
    let bob = pbx.ext().phone().await;
    let ada = pbx.ext().with("context", "custom").phone().await;
    let dba = pbx.dba().await;
    dba.does(
        "insert into extensions (context, exten, priority, app, appdata) values ('custom', '70002', 1, 'Hangup', '17')",
    );
    assert_eq!(
        ada.dial("70002").await.is_refused().await,
        486,
        "the row's own cause"
    );
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    out.rings().await;
    call.busy().await;
    assert_eq!(out.is_refused().await, 486);
    assert_eq!(
        ada.dial("70003").await.is_refused_within(AT_ONCE).await,
        404
    );
    dba.does("delete from extensions where context = 'custom' and exten = '70002'");
}
