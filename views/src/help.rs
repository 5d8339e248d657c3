//! First steps, the codes that a phone can dial, and what database administrators may do.

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

const STEPS: [(&str, &str); 6] = [
    ("help-step-extension", "help-step-extension-text"),
    ("help-step-phone", "help-step-phone-text"),
    ("help-step-call", "help-step-call-text"),
    ("help-step-trunk", "help-step-trunk-text"),
    ("help-step-history", "help-step-history-text"),
    ("help-step-account", "help-step-account-text"),
];

const CODES: [(&str, &str); 11] = [
    ("*8", "help-code-pickup"),
    ("*8 1001", "help-code-pickup-extension"),
    ("*21*…#", "help-code-forward-always"),
    ("#21#", "help-code-forward-always-off"),
    ("*67*…#", "help-code-forward-busy"),
    ("#67#", "help-code-forward-busy-off"),
    ("*61*…#", "help-code-forward-unanswered"),
    ("#61#", "help-code-forward-unanswered-off"),
    ("*98", "help-code-voicemail"),
    ("*97…", "help-code-voicemail-of"),
    ("*43", "help-code-echo"),
];

/// Every table and view there is, and what it is for; a test compares them with the database. Those without a schema are
/// Asterisk's.
pub const TABLES: [(&[&str], &str); 30] = [
    (&["ps_endpoints"], "help-table-endpoints"),
    (&["ps_auths"], "help-table-auths"),
    (&["ps_aors"], "help-table-aors"),
    (&["ps_contacts"], "help-table-contacts"),
    (&["ps_registrations"], "help-table-registrations"),
    (&["ps_endpoint_id_ips"], "help-table-identifies"),
    (&["extensions"], "help-table-extensions"),
    (&["voicemail"], "help-table-voicemail"),
    (&["voicemail_messages"], "help-table-messages"),
    (&["musiconhold", "musiconhold_entry"], "help-table-music"),
    (
        &["queues", "queue_members", "queue_rules", "queue_log"],
        "help-table-queues",
    ),
    (&["cdr"], "help-table-cdr"),
    (&["ps_subscription_persistence"], "help-table-lamps"),
    (
        &[
            "dialplan_internal",
            "dialplan_from_trunk",
            "dialplan_trunks",
            "dialplan_twins",
            "asterisk_endpoints",
            "asterisk_voicemail",
            "acls",
            "saved_network",
        ],
        "help-table-views",
    ),
    (
        &["ps_transports", "ps_globals", "ps_systems"],
        "help-table-static",
    ),
    (
        &[
            "iaxfriends",
            "meetme",
            "ps_asterisk_publications",
            "ps_domain_aliases",
            "ps_inbound_publications",
            "ps_outbound_publishes",
            "ps_resource_list",
            "sippeers",
            "stir_tn",
        ],
        "help-table-unused",
    ),
    (&["pbx.extension"], "help-table-extension"),
    (&["pbx.forward"], "help-table-forward"),
    (&["pbx.trunk", "pbx.number_range"], "help-table-trunk"),
    (&["pbx.did_route"], "help-table-route"),
    (&["pbx.did_called", "pbx.unknown_did"], "help-table-called"),
    (&["pbx.setting"], "help-table-setting"),
    (&["pbx.context"], "help-table-context"),
    (
        &["pbx.dialplan_application", "pbx.dialplan_function"],
        "help-table-allowed",
    ),
    (&["pbx.change_set", "pbx.change"], "help-table-change"),
    (
        &[
            "pbx.call",
            "pbx.call_extension",
            "pbx.call_number",
            "pbx.call_number_delta",
            "pbx.call_calendar",
            "pbx.call_hour",
            "pbx.call_day",
            "pbx.call_delta",
        ],
        "help-table-call",
    ),
    (&["pbx.message", "pbx.mailbox"], "help-table-message"),
    (&["pbx.mail", "pbx.mail_server"], "help-table-mail"),
    (
        &["pbx.app_user", "pbx.api_key", "pbx.api_key_use"],
        "help-table-user",
    ),
    (
        &[
            "pbx.cdr_spool",
            "pbx.change_secret",
            "pbx.deleted_message",
            "pbx.recovery_code",
            "pbx.removed_message",
            "pbx.second_factor",
            "pbx.second_factor_draft",
            "pbx.server_secret",
            "pbx.session",
        ],
        "help-table-closed",
    ),
];

/// What database administrators ask most; a test runs each against the real database.
pub const QUERIES: [(&str, &str); 20] = [
    (
        "dba-query-phones",
        "select endpoint, uri, user_agent, to_timestamp(expiration_time) from ps_contacts order by endpoint;",
    ),
    (
        "dba-query-silent",
        "select x.number, e.callerid from pbx.extension x join ps_endpoints e on e.id = x.number where not exists (select from ps_contacts c where c.endpoint = x.number);",
    ),
    (
        "dba-query-extensions",
        "select x.number, e.callerid, e.context, e.allow, x.ring_time from pbx.extension x join ps_endpoints e on e.id = x.number order by x.number::integer;",
    ),
    (
        "dba-query-disabled",
        "select id, callerid from ps_endpoints where identify_by = 'ip' and id in (select number from pbx.extension);",
    ),
    (
        "dba-query-weak",
        "select number, secret_score from pbx.extension where secret_score is null or secret_score < 3;",
    ),
    (
        "dba-query-name",
        "update ps_endpoints set callerid = '\"Front desk\" <1001>' where id = '1001';",
    ),
    (
        "dba-query-password",
        "update ps_auths set password = 'a-long-new-password' where id = '1001';",
    ),
    (
        "dba-query-ring",
        "update pbx.extension set ring_time = 30 where number between '1001' and '1009';",
    ),
    (
        "dba-query-disable",
        "update ps_endpoints set identify_by = 'ip' where id = '1001';",
    ),
    (
        "dba-query-forwards",
        "select extension, kind, destination, ring_time from pbx.forward where enabled order by extension;",
    ),
    (
        "dba-query-forward_off",
        "update pbx.forward set enabled = false where destination like '+%';",
    ),
    (
        "dba-query-numbers",
        "select r.did, t.name, r.extension, r.enabled from pbx.did_route r join pbx.trunk t on t.id = r.trunk_id order by r.did;",
    ),
    (
        "dba-query-unknown",
        "select did, sum(calls), max(last_called) from pbx.unknown_did group by did order by 2 desc;",
    ),
    (
        "dba-query-trunks",
        "select t.id, t.name, t.enabled, r.server_uri from pbx.trunk t left join ps_registrations r on r.id = 'trunk-reg-' || t.id;",
    ),
    (
        "dba-query-today",
        "select outcome, count(*) from pbx.call where started_at >= current_date group by outcome;",
    ),
    (
        "dba-query-missed",
        "select started_at, src, dst from pbx.call where outcome = 'missed' order by started_at desc limit 20;",
    ),
    (
        "dba-query-mailboxes",
        "select v.mailbox, v.fullname, count(m.msg_id) from voicemail v left join voicemail_messages m on m.mailboxuser = v.mailbox and m.msgnum >= 0 group by 1, 2 order by 1;",
    ),
    (
        "dba-query-rows",
        "select context, exten, app, appdata from extensions where exten = '1001';",
    ),
    (
        "dba-query-history",
        "select s.began_at, s.actor, s.act, c.tab, c.key, c.before, c.after from pbx.change_set s join pbx.change c on c.set_id = s.id order by c.id desc limit 20;",
    ),
    (
        "dba-query-of_role",
        "select s.tx, s.actor, s.began_at, count(*) from pbx.change_set s join pbx.change c on c.set_id = s.id where s.act is null group by s.id order by s.id desc limit 20;",
    ),
];

const ROLES: [(&str, &str); 3] = [
    ("gonopbx", "dba-role-owner"),
    ("gonopbx_dba", "dba-role-dba"),
    ("asterisk", "dba-role-asterisk"),
];

const GUARDS: [&str; 12] = [
    "dba-guard-open",
    "dba-guard-address",
    "dba-guard-code",
    "dba-guard-context",
    "dba-guard-rename",
    "dba-guard-circle",
    "dba-guard-password",
    "dba-guard-setting",
    "dba-guard-text",
    "dba-guard-admin",
    "dba-guard-past",
    "dba-guard-static",
];

const KEYS: [(&str, &str); 6] = [
    ("/", "help-key-search"),
    ("n", "help-key-new"),
    ("e", "help-key-edit"),
    ("r", "help-key-rename"),
    ("↑ ↓", "help-key-arrows"),
    ("Esc", "help-key-close"),
];

const EXAMPLE: &str =
    "update ps_endpoints set callerid = '\"Front desk\" <1001>' where id = '1001';";

pub fn page(page: &Page<'_>) -> Markup {
    let t = page.texts;
    let title = t.t("nav-help");
    let content = html! {
        (part::header(title, t.t("help-line"), &html! {}))
        div class="columns" {
            section class="card" {
                h2 { (t.t("help-steps")) }
                ol class="steps" {
                    @for (name, text) in STEPS { li { strong { (t.t(name)) } p { (t.t(text)) } } }
                }
            }
            div class="stack" {
                section class="card" {
                    h2 { (t.t("help-codes")) }
                    dl class="codes" {
                        @for (code, key) in CODES { div { dt { kbd { (code) } } dd { (t.t(key)) } } }
                    }
                }
                section class="card" {
                    h2 { (t.t("help-keys")) }
                    dl class="codes" {
                        @for (code, key) in KEYS { div { dt { kbd { (code) } } dd { (t.t(key)) } } }
                        div { dt { kbd { (t.t("help-key-save-keys")) } } dd { (t.t("help-key-save")) } }
                    }
                }
            }
        }
        section class="card" {
            h2 { (t.t("help-dba")) }
            p { (t.t("help-dba-text")) }
            pre { code { (EXAMPLE) } }
            dl class="codes wide" {
                @for (tables, key) in TABLES {
                    div { dt { @for table in tables { code { (table) } " " } } dd { (t.t(key)) } }
                }
            }
            (dba(t))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Help),
            live: false,
        },
        &content,
    )
}

fn dba(t: &Texts) -> Markup {
    html! {
        h3 { (t.t("dba-roles")) }
        dl class="codes wide" {
            @for (role, key) in ROLES { div { dt { code { (role) } } dd { (t.t(key)) } } }
        }
        h3 { (t.t("dba-queries")) }
        @for (key, sql) in QUERIES {
            p { (t.t(key)) }
            pre { code { (sql) } }
        }
        h3 { (t.t("dba-guards")) }
        p { (t.t("help-dba-guard")) }
        ul { @for key in GUARDS { li { (t.t(key)) } } }
        p { (t.t("dba-undo")) }
    }
}
