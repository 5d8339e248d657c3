//! First steps, the codes that a phone can dial, and what database administrators may do.

use maud::{Markup, html};

use crate::page::Page;
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};

const STEPS: [(&str, &str); 5] = [
    ("help-step-extension", "help-step-extension-text"),
    ("help-step-phone", "help-step-phone-text"),
    ("help-step-call", "help-step-call-text"),
    ("help-step-trunk", "help-step-trunk-text"),
    ("help-step-history", "help-step-history-text"),
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

const TABLES: [(&str, &str); 6] = [
    ("ps_endpoints", "help-table-endpoints"),
    ("ps_auths", "help-table-auths"),
    ("ps_aors", "help-table-aors"),
    ("ps_contacts", "help-table-contacts"),
    ("extensions", "help-table-extensions"),
    ("cdr", "help-table-cdr"),
];

const KEYS: [(&str, &str); 5] = [
    ("/", "help-key-search"),
    ("n", "help-key-new"),
    ("↑ ↓", "help-key-arrows"),
    ("Esc", "help-key-close"),
    ("Ctrl + Enter", "help-key-save"),
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
                    }
                }
            }
        }
        section class="card" {
            h2 { (t.t("help-dba")) }
            p { (t.t("help-dba-text")) }
            pre { code { (EXAMPLE) } }
            dl class="codes wide" {
                @for (table, key) in TABLES { div { dt { code { (table) } } dd { (t.t(key)) } } }
            }
            p class="muted" { (t.t("help-dba-guard")) }
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
