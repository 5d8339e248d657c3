//! What answers are made of.

use serde_json::{Map, Value, json};

use super::shape;

const SHAPES: &[(&str, &str)] = &[
    ("Peer", "id:int extension:text secret:text caller_id:text? context:text codecs:text? blf_enabled:bool pickup_group:text?
      enabled:bool ring_time:int max_contacts:int user_id:int? outbound_cid:text? pai:text? created_at:time updated_at:time
      live?:bool"),
    ("PeerDeleted", "status:text extension:text live:bool"),
    ("PeerCodecs", "status:text codecs:text? live:bool"),
    ("PeerUser", "status:text user_id:int?"),
    ("PeerOutbound", "status:text outbound_cid:text? pai:text? live:bool"),
    ("Strength", "score:int level:weak|medium|strong warnings:[text]"),
    ("GeneratedPassword", "password:text strength:Strength"),
    ("WeakPassword", "id:int extension:text caller_id:text? strength:Strength"),
    ("Trunk", "id:int name:text provider:text auth_mode:registration|ip sip_server:text transport:text username:text?
      password:text? from_user:text? caller_id:text? number_block:text? context:text codecs:text enabled:bool created_at:time
      updated_at:time live?:bool"),
    ("TrunkDeleted", "status:text name:text live:bool"),
    ("FreeNumbers", "trunk_id:int trunk_name:text dids:[text]"),
    ("TrunkRegistration", "status:text since:time? expires:int? last_response:text? next_attempt:time?"),
    ("TrunkEndpoint", "state:text rtt:number contact_uri:text? reachable:bool?"),
    ("TrunkStats", "calls_today:int calls_week:int inbound_today:int outbound_today:int"),
    ("TrunkStatus", "trunk:Trunk registration:TrunkRegistration endpoint:TrunkEndpoint routes:[Route] stats:TrunkStats"),
    ("Route", "id:int did:text trunk_id:int destination_extension:text description:text? enabled:bool last_called_at:time?
      created_at:time updated_at:time live?:bool"),
    ("RouteDeleted", "status:text did:text live:bool"),
    ("Forward", "id:int extension:text forward_type:unconditional|busy|no_answer destination:text ring_time:int enabled:bool
      created_at:time updated_at:time live?:bool"),
    ("Deleted", "status:text live:bool"),
    ("Message", "message:text"),
    ("Voicemail", "id:int mailbox:text caller_id:text? duration:int date:time is_read:bool file_path:text audio_url:text
      created_at:time updated_at:time"),
    ("VoicemailStats", "total:int unread:int by_mailbox:{int}"),
    ("VoicemailDeleted", "success:bool message:text live:bool"),
    ("Mailbox", "extension:text enabled:bool pin:text name:text? email:text? ring_timeout:int attach:bool
      delete_after_mail:bool created_at:time updated_at:time live?:bool"),
    ("MailServer", "smtp_host:text smtp_port:text smtp_tls:text smtp_encryption:text smtp_user:text smtp_password:text
      smtp_from:text smtp_from_name:text history_days:text country_code:text area_code:text emergency_numbers:text
      barred_forwards:text"),
    ("Codec", "id:text name:text description:text"),
    ("Codecs", "global_codecs:text available_codecs:[Codec]"),
    ("CodecsSaved", "status:text global_codecs:text live:bool"),
    ("PhoneAddresses", "enabled:bool ips:[text]"),
    ("PhoneAddressesSaved", "status:text enabled:bool ips:[text] excluded:[text] live:bool"),
    ("RefusedPhones", "since:time total:int addresses:[RefusedAddress]"),
    ("RefusedAddress", "address:text count:int name:text reason:wrong_password|unknown_name|address last_at:time"),
    ("Services", "api:text asterisk:connected|disconnected database:connected|disconnected"),
    ("Health", "status:text timestamp:time services:Services"),
    ("Endpoint", "endpoint:text display_name:text type:peer|trunk status:online|offline state:text rtt:number provider?:text
      user_name?:text? avatar_url?:text?"),
    ("Problem", "code:text level:text detail:text since:time? link:text?"),
    ("About", "name:text version:text status:text timestamp:time"),
    ("System", "health:text issues:[text] problems:[Problem] database:text api:text"),
    ("Status", "timestamp:time version:text asterisk:connected|disconnected asterisk_since:time endpoints:[Endpoint]
      system:System"),
    ("SessionUser", "id:int username:text role:admin|user full_name:text? extension:text? must_change_password:bool"),
    ("Session", "access_token:text token_type:text user:SessionUser"),
    ("Me", "id:int username:text role:admin|user full_name:text? email:text? avatar_url:text? extension:text? language:text?
      must_change_password:bool created_at:time updated_at:time"),
    ("SecondFactor", "enabled:bool since:time? recovery_codes_left:int"),
    ("SecondFactorDraft", "secret:text url:text"),
    ("RecoveryCodes", "recovery_codes:[text]"),
    ("ApiKey", "id:int name:text prefix:text scopes:[read|write|calls|users] user_id:int username:text role:admin|user
      expires_at:time? last_used_at:time? last_used_from:text? created_at:time updated_at:time"),
    ("NewApiKey", "id:int name:text prefix:text scopes:[read|write|calls|users] user_id:int username:text role:admin|user
      expires_at:time? last_used_at:time? last_used_from:text? created_at:time updated_at:time key:text"),
    ("Login", "id:text origin:text? user_agent:text? is_current:bool last_used_at:time expires_at:time created_at:time"),
    ("User", "id:int username:text role:admin|user full_name:text email:text? avatar_url:text? extension:text? language:text?
      must_change_password:bool created_at:time updated_at:time"),
    ("UserExtension", "message:text extension:text?"),
    ("SignedOut", "message:text count:int"),
    ("BulkDone", "status:text count:int live:bool tx:any"),
    ("BadRow", "row:int extension:text caller_id:text errors:{[text]} details:{[text]}"),
    ("ImportedPeer", "id:int extension:text secret:text pin:text?"),
    ("Import", "status:checked|imported dry_run:bool total:int valid?:int rows?:[BadRow] live?:bool tx?:any peers?:[ImportedPeer]
      weak:[text]"),
    ("Leg", "uniqueid:text channel:text? dstchannel:text? src:text dst:text lastapp:text? lastdata:text? start:time duration:int billsec:int
      disposition:text"),
    ("Call", "id:int call_date:time clid:text? src:text src_name:text? dst:text channel:text? dstchannel:text? duration:int
      billsec:int disposition:text uniqueid:text linkedid:text direction:text outcome:text extensions:[text]
      after:text legs:[Leg]"),
    ("Count", "count:int"),
    ("Bar", "at:any outcome:text calls:int"),
    ("Charts", "span:text from:any to:any days:[Bar] hours:[Bar]"),
    ("CallStats", "total_calls:int answered_calls:int missed_calls:int busy_calls:int failed_calls:int total_duration:int
      total_billsec:int avg_duration:number avg_billsec:number calls_today:int calls_this_week:int calls_this_month:int
      incoming_calls:int outgoing_calls:int internal_calls:int charts?:Charts"),
    ("RecentCall", "id:int time:time src:text dst:text duration:int billsec:int disposition:text direction:text"),
    ("RecentCalls", "calls:[RecentCall] count:int"),
    ("ActiveCall", "id:text channel:text? dest_channel:text? caller:text? caller_name:text? destination:text? dest_name:text?
      direction:text state:connected|ringing|dialing start_time:time answer_time:time?"),
    ("Originated", "status:text message:text call_id:text extension:text number:text ringing:bool"),
    ("HungUp", "status:text message:text call_id:text"),
    ("ActiveCalls", "calls:[ActiveCall] count:int timestamp:time"),
    ("ChangedObject", "kind:text name:text"),
    ("Change", "timestamp:time table:text key:any kind:text name:text op:text before:any after:any"),
    ("ChangeDetails", "rows:int objects:[ChangedObject] changes:[Change]"),
    ("ChangeSet", "id:int tx:any timestamp:time username:text? via:gonopbx|sql action:text resource_type:text?
      resource_id:text? details:ChangeDetails ip_address:text? undoes:any undone_by:any after:text"),
    ("ChangeSets", "total:int logs:[ChangeSet]"),
    ("Conflict", "id:any kind:text name:text table:text key:any field:text? reason:text before:any after:any now:any
      decision:text?"),
    ("Undo", "undoes:any tx:any live:bool? undone:int kept:int conflicts:[Conflict]"),
    ("Error", "detail:text code:text errors:{[text]}"),
];

const ERRORS: &[(&str, &str)] = &[
    ("400", "A rule is broken; `errors` names the fields."),
    ("401", "Nobody is logged in."),
    ("403", "Not for this user."),
    ("404", "There is no such thing."),
    (
        "409",
        "Later changes are in the way: the body lists them, and waits for decisions.",
    ),
    ("413", "The body is too large."),
    (
        "422",
        "The request is malformed: a field is missing, or is not of its kind.",
    ),
    (
        "429",
        "Too many attempts; `Retry-After` says for how long to wait.",
    ),
    ("500", "An error of the server."),
    (
        "503",
        "The database does not answer, or the telephone system.",
    ),
];

pub fn all() -> Value {
    let schemas: Map<String, Value> = SHAPES
        .iter()
        .map(|(name, fields)| ((*name).to_owned(), shape::object(fields)))
        .collect();
    let error = json!({"application/json": {"schema": shape::schema("Error")}});
    let responses: Map<String, Value> = ERRORS
        .iter()
        .map(|(status, what)| {
            (
                (*status).to_owned(),
                json!({"description": what, "content": error}),
            )
        })
        .collect();
    json!({
        "schemas": schemas,
        "responses": responses,
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key acts for its owner, within its \
                scopes: read (every GET), write (changes), calls (place and end calls), users (people who are no administrators). The \
                own account, administrators and keys are for people who are logged in, and an undo needs the scopes of what it \
                takes back; a missing scope is 403 scope_missing."},
        },
    })
}
