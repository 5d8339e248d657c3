//! `calls/*`: calls in progress, and calls that begin or end here.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::calls;
use crate::domain::Act;
use crate::domain::dial::DialDraft;
use crate::live::{CallState, CallView};
use crate::web::Site;
use crate::web::access::{Routes, whose};
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/calls/active", Act::ListOwnCalls, active)
        .post("/calls/originate", whose(Act::PlaceCall), originate)
        .post("/calls/{id}/hangup", Act::EndCalls, hang_up)
}

/// A call in progress, as `calls/active` and the WebSocket tell it.
pub fn object(call: &CallView) -> Value {
    json!({
        "id": call.id,
        "channel": call.caller.channel,
        "dest_channel": call.callee.channel,
        "caller": call.caller.number,
        "caller_name": call.caller.name,
        "destination": call.callee.number.as_ref().or(call.dialled.as_ref()),
        "dest_name": call.callee.name,
        "direction": calls::direction(call).as_str(),
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

async fn originate(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = DialDraft::read(&mut fields);
    read(fields)?;
    let placed = site.app.place_call(&actor, &draft).await?;
    let (extension, number) = (placed.extension.as_str(), placed.number.as_str());
    Ok(Json(json!({
        "status": "ok",
        "message": format!("Calling {number} from {extension}"),
        "call_id": placed.id,
        "extension": extension,
        "number": number,
        "ringing": placed.is_ringing,
    })))
}

async fn hang_up(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    site.app.end_call(&actor, &id).await?;
    Ok(Json(
        json!({"status": "ok", "message": "Call ended", "call_id": id}),
    ))
}
