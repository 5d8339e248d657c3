//! The tables whose changes can be taken back: nothing else is ever named in such a statement. A test compares the list
//! with the schema.

use crate::domain::api_key::Scope;
use crate::domain::undo::{Fields, Table};

const fn table(tab: &'static str, place: &'static str, key: &'static [&'static str]) -> Table {
    Table {
        tab,
        place,
        key,
        late: &[],
        restless: &[],
    }
}

/// Rows that others name come first.
pub const RECORDED: [Table; 27] = [
    table("ps_systems", "public.ps_systems", &["id"]),
    table("ps_globals", "public.ps_globals", &["id"]),
    table("ps_transports", "public.ps_transports", &["id"]),
    table("ps_domain_aliases", "public.ps_domain_aliases", &["id"]),
    table(
        "dialplan_application",
        "pbx.dialplan_application",
        &["name"],
    ),
    table("dialplan_function", "pbx.dialplan_function", &["name"]),
    table("setting", "pbx.setting", &["key"]),
    table("mail_server", "pbx.mail_server", &["id"]),
    table("app_user", "pbx.app_user", &["id"]),
    table("api_key", "pbx.api_key", &["id"]),
    table("ps_aors", "public.ps_aors", &["id"]),
    table("ps_auths", "public.ps_auths", &["id"]),
    Table {
        restless: &["mailboxes"],
        ..table("ps_endpoints", "public.ps_endpoints", &["id"])
    },
    table("ps_endpoint_id_ips", "public.ps_endpoint_id_ips", &["id"]),
    table("ps_registrations", "public.ps_registrations", &["id"]),
    Table {
        late: &["outbound_did"],
        restless: &["secret_score"],
        ..table("extension", "pbx.extension", &["number"])
    },
    table("trunk", "pbx.trunk", &["id"]),
    table("number_range", "pbx.number_range", &["trunk_id", "numbers"]),
    table("did_route", "pbx.did_route", &["id"]),
    table("forward", "pbx.forward", &["id"]),
    Table {
        restless: &["stamp"],
        ..table("voicemail", "public.voicemail", &["context", "mailbox"])
    },
    table("queues", "public.queues", &["name"]),
    table("queue_rules", "public.queue_rules", &["rule_name", "time"]),
    table(
        "queue_members",
        "public.queue_members",
        &["queue_name", "interface"],
    ),
    table("musiconhold", "public.musiconhold", &["name"]),
    table(
        "musiconhold_entry",
        "public.musiconhold_entry",
        &["name", "position"],
    ),
    table(
        "extensions",
        "public.extensions",
        &["context", "exten", "priority"],
    ),
];

/// Its place in the list.
pub fn find(tab: &str) -> Option<usize> {
    RECORDED.iter().position(|table| table.tab == tab)
}

/// What a key needs to take back a change of this table: what it would need for the change itself. None: no key may
/// make one, and none takes one back.
pub fn scope(tab: &str) -> Option<Scope> {
    match tab {
        // The last two say what a call may run; people at the database decide that.
        "api_key" | "dialplan_application" | "dialplan_function" => None,
        "app_user" => Some(Scope::Users),
        _ => Some(Scope::Write),
    }
}

/// Whether the row is the server's own making: of the dialplan, all but what a person wrote.
pub fn is_derived(tab: &str, ident: &Fields) -> bool {
    tab == "extensions" && ident.get("context").and_then(|c| c.as_str()) != Some("custom")
}
