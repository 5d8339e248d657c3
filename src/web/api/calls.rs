//! `calls/*`: calls in progress.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::live::{CallState, CallView};
use crate::web::Site;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Router<Site> {
    Router::new().route("/calls/active", get(active))
}

fn object(call: &CallView) -> Value {
    json!({
        "id": call.id,
        "channel": call.caller.channel,
        "dest_channel": call.callee.channel,
        "caller": call.caller.number,
        "caller_name": call.caller.name,
        "destination": call.callee.number.as_ref().or(call.dialled.as_ref()),
        "dest_name": call.callee.name,
        "state": match call.state {
            CallState::Up => "connected",
            CallState::Ringing => "ringing",
            CallState::Dialing => "dialing",
        },
        "start_time": call.started,
        "answer_time": call.answered,
    })
}

async fn active(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let calls: Vec<Value> = site.app.calls_now(&actor)?.iter().map(object).collect();
    Ok(Json(
        json!({"count": calls.len(), "calls": calls, "timestamp": site.app.clock().now()}),
    ))
}
