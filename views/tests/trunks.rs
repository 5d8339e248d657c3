//! Trunks, numbers and settings: what is said, what is asked for, and who is led there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod samples;

use std::fs;
use std::time::Duration;

use views::page::Done;
use views::trunks::{Refusal, TrunkState, check, state};
use views::{Flash, Lang, Markup, Texts, Theme, dashboard, numbers, trunks};

const BASE: &str = "/static";

fn texts(code: &str) -> Texts {
    samples::texts(Lang::find(code).unwrap())
}

fn html(name: &str) -> String {
    let assets = samples::assets(BASE);
    let pages = samples::pages(&assets, &texts("en"), Theme::System);
    let (_, page) = pages.into_iter().find(|(page, _)| *page == name).unwrap();
    page.into_string()
}

/// What a person reads: the text without tags.
fn words(markup: &Markup) -> String {
    let mut words = String::new();
    for part in markup.0.split('<') {
        let text = part.split_once('>').map_or(part, |(_, text)| text);
        words.push_str(text);
    }
    words
}

#[test]
fn only_administrators_are_led_to_trunks_numbers_and_settings() {
    let (admin, user) = (html("dashboard"), html("dashboard-away"));
    for place in ["/trunks", "/numbers", "/settings"] {
        let link = format!(r#"<a href="{place}""#);
        assert!(admin.contains(&link), "{place}");
        assert!(!user.contains(&link), "{place}");
    }
    assert!(admin.contains(r#"href="/trunks/1""#));
    assert!(!user.contains("/trunks/"), "a user's tile is no link");
}

#[test]
fn the_state_of_a_trunk_is_one_plain_line() {
    let sentences: Vec<String> = samples::trunks::states()
        .iter()
        .map(|trunk| words(&state::trunk(trunk, &texts("en"))))
        .collect();
    assert_eq!(
        sentences[..9],
        [
            "Registered, 12 ms",
            "Rejected since 13:42: wrong user name or password",
            "Fixed IP, reachable 12 ms",
            "Registering",
            "No answer since 13:42",
            "Fixed IP, no answer since 13:42",
            "Disabled",
            "Fixed IP, not asked yet",
            "Unknown",
        ]
    );
    let rejected = TrunkState::Rejected {
        since: None,
        why: Some(Refusal::of(401, "Unauthorized")),
    };
    assert_eq!(
        words(&state::trunk(&rejected, &texts("de"))),
        "Abgewiesen: Benutzername oder Passwort falsch"
    );
}

#[test]
fn the_trunks_on_the_dashboard_fetch_themselves() {
    let html = html("dashboard");
    let place = html.find(r#"<section id="trunks""#).unwrap();
    let tag = html[place..].split('>').next().unwrap();
    assert!(tag.contains(r#"hx-get="/fragments/trunks""#), "{tag}");
    assert!(
        tag.contains(r#"hx-trigger="sse:trunks, sse:system, resync from:body""#),
        "{tag}"
    );
    let nothing = dashboard::Trunks {
        trunks: vec![],
        may_open: true,
    };
    let empty = dashboard::trunks(Some(&nothing), &texts("en")).into_string();
    assert!(empty.contains(r#"href="/trunks/new""#), "{empty}");
}

#[test]
fn providers_are_grouped_by_country_and_lead_to_their_fields() {
    let html = html("trunk-choose");
    let heading = |text: &str| html.find(&format!("<h2>{text}</h2>")).unwrap();
    assert!(heading("Germany") < heading("Italy"));
    assert!(heading("Italy") < heading("XK"), "an unknown country stays");
    assert!(heading("XK") < heading("Any other provider"));
    assert!(html.contains(r#"href="/trunks/new?provider=plusnet_basic""#));
    assert!(html.contains(r#"href="/trunks/new?provider=a%26b""#));
}

#[test]
fn the_form_asks_for_what_the_letter_contains_and_folds_the_rest() {
    let new = html("trunk-new");
    let (basics, folded) = new.split_once(r#"<details class="folded""#).unwrap();
    for name in ["name", "sip_server", "username", "password", "number_block"] {
        let field = format!(r#"name="{name}""#);
        assert!(basics.contains(&field), "{name}");
        assert!(!folded.contains(&field), "{name}");
    }
    for name in ["caller_id", "from_user", "codec_order", "enabled"] {
        assert!(folded.contains(&format!(r#"name="{name}""#)), "{name}");
    }
    assert!(!new.contains(r#"name="context""#));
    // One mode is no question.
    assert!(new.contains(r#"<input type="hidden" name="auth_mode" value="registration">"#));
    assert!(new.contains(r#"placeholder="iph1234567890""#));

    let refused = html("trunk-new-refused");
    assert!(refused.contains(r#"<details class="folded" open>"#));
    assert!(refused.contains(r#"type="radio" name="auth_mode" value="ip""#));
    assert!(refused.contains(r#"class="only-registration""#));
    assert!(refused.contains(r##"<a href="#f-sip_server">Registrar: This is neither"##));

    let edit = html("trunk-edit");
    assert!(edit.contains("Leave it empty to keep the stored one."));
    assert!(edit.contains(r#"action="/trunks/1/edit""#));
}

#[test]
fn the_check_list_says_what_happens_and_what_to_do_next() {
    let list = |state: usize| {
        let state = samples::trunks::states()[state].clone();
        check::fragment(&samples::trunks::check(BASE, state), &texts("en"))
    };
    let good = list(0);
    assert!(words(&good).contains("The name sip.ipfonie.de leads to 203.0.113.17, 203.0.113.18."));
    assert!(words(&good).contains("The server answers within 12 ms."));
    assert!(words(&good).contains("it is renewed before 14:14."));
    let good = good.into_string();
    assert!(good.contains(r#"hx-get="/fragments/trunk-check/1""#));
    assert!(good.contains(r#"<a class="button primary" href="/trunks/1/numbers">"#));

    let refused = list(1);
    let sentence = "The provider refused the registration: 403 wrong user name or password.";
    assert!(words(&refused).contains(sentence), "{}", words(&refused));
    let refused = refused.into_string();
    assert!(refused.contains(r#"<a class="button primary" href="/trunks/1/edit">"#));

    let fixed = html("trunk-check-fixed");
    assert!(fixed.contains("203.0.113.17 is an address and needs no look-up."));
    assert!(!fixed.contains("registration:"), "nothing is registered");
}

#[test]
fn a_trunk_shows_nothing_as_known_while_asterisk_is_away() {
    let unknown = html("trunk-unknown");
    assert!(unknown.contains("Asterisk is away since"));
    assert!(!unknown.contains("Round trip") && !unknown.contains("200 OK"));
    let known = html("trunk");
    assert!(known.contains("200 OK") && known.contains("Round trip"));
    assert!(known.contains("31 incoming, 17 outgoing"));
    assert!(!html("trunk-fixed").contains("Registered until"));
}

#[test]
fn deleting_a_trunk_names_its_dependants() {
    let html = html("trunk-delete");
    assert!(html.contains("12 assigned numbers lead nowhere any more."));
    assert!(html.contains("6 extensions cannot call outside any more:"));
    assert!(html.contains(r#"href="/extensions/1001""#));
    assert!(html.contains("and 3 more"));
}

#[test]
fn free_numbers_of_a_trunk_are_chosen_in_place() {
    let html = html("trunk-numbers");
    assert!(
        html.contains(r#"<input type="radio" name="did" value="+4942198961304" required checked>"#)
    );
    assert!(
        !html.contains(r#"name="did" value="+4942198961303""#),
        "it is taken"
    );
    assert!(html.contains(r#"action="/numbers/3/enable""#));
    assert!(html.contains(r#"action="/numbers/2/disable""#));
    // The page to come back to is this very page.
    assert!(html.contains(
        r#"<input type="hidden" name="next" value="/trunks/1/numbers?after=%2B4942198961299">"#
    ));
    assert!(html.contains(r#"href="/trunks/1/numbers?after=%2B4942198961399""#));
}

#[test]
fn numbers_that_were_called_and_lead_nowhere_are_offered() {
    let html = html("numbers");
    assert!(html.contains("called 3 times today, last 13:53"));
    assert!(html.contains("called once today, at 12:08"));
    assert!(html.contains("last called 19 Nov 02:45"));
    assert!(html.contains(r#"action="/numbers/unknown/forget""#));
    assert!(html.contains(r#"<input type="hidden" name="did" value="+4942198961342">"#));
    assert!(html.contains(r#"<datalist id="destinations">"#));
    let first = html.find("unknown-title").unwrap();
    assert!(first < html.find("number-list").unwrap());
}

#[test]
fn the_address_of_the_numbers_carries_the_whole_query() {
    let query = numbers::list::Query {
        q: "a&b".into(),
        trunk: Some(2),
        after: Some("+49421".into()),
        free: Some("+49422".into()),
    };
    let url = "/numbers?q=a%26b&trunk=2&after=%2B49421&free=%2B49422";
    assert_eq!(query.url(), url);
    assert_eq!(numbers::list::Query::default().url(), "/numbers");
    let rows = numbers::list::rows(&samples::numbers::list(), &texts("en")).into_string();
    let next = r#"href="/numbers?q=0421&amp;trunk=1&amp;after=%2B4942198961307""#;
    assert!(rows.contains(next), "{rows}");
    assert!(rows.contains(r#"action="/numbers/7/delete""#));
    assert!(rows.contains(r#"data-value="+4942198961307""#));
}

#[test]
fn an_extension_takes_free_numbers_and_chooses_what_is_shown() {
    let html = html("extension-numbers");
    assert!(
        html.contains(r#"<button type="submit" class="chip" name="did" value="+4942198961304""#)
    );
    assert!(
        !html.contains(r#"name="did" value="+4942198961300""#),
        "it is taken"
    );
    assert!(html.contains(r#"href="/extensions/1001/numbers?trunk=2""#));
    assert!(html.contains(r#"action="/extensions/1001/numbers/1/remove""#));
    assert!(html.contains(r#"action="/extensions/1001/outbound""#));
    assert!(html.contains(r#"name="outbound_cid" value="+4942198961301" checked"#));
    assert!(html.contains(r#"<option value="+4942198961309" selected>"#));

    let without = self::html("extension-numbers-without");
    assert!(without.contains("nobody can call it from outside"));
    assert!(!without.contains("outbound_cid"));
}

#[test]
fn who_only_uses_an_extension_takes_and_removes_no_number() {
    let html = html("extension-numbers-own");
    assert!(html.contains("0421 98961300"));
    assert!(!html.contains("/remove") && !html.contains(r#"name="trunk_id""#));
    assert!(!html.contains("/trunks/"));
}

#[test]
fn settings_of_the_network_are_fields_and_say_what_the_environment_says() {
    let html = html("settings");
    for field in [
        "country_code",
        "area_code",
        "emergency_numbers",
        "external_address",
        "local_nets",
        "rtp_ports",
    ] {
        assert!(html.contains(&format!(r#"name="{field}""#)), "{field}");
    }
    assert!(html.contains(r#"placeholder="10000-10100""#));
    for variable in [
        "GONOPBX_SIP_PORT",
        "GONOPBX_TLS_CERT",
        "GONOPBX_TLS_KEY",
        "not set",
        "off: no certificate",
        "Asterisk uses what is saved.",
    ] {
        assert!(html.contains(variable), "{variable}");
    }
}

#[test]
fn what_waits_for_a_restart_and_what_it_does_is_said() {
    let waits = html("settings-waits");
    assert!(waits.contains("Saved values wait for a restart."));
    assert!(waits.contains("2001:db8::7"));
    assert!(waits.contains("Restart now (ends 3 calls)"));
    assert!(waits.contains(r#"value="cancel""#) && !waits.contains(r#"value="idle""#));
    let back = html("settings-back");
    assert!(back.contains("but with other values"));
    assert!(html("settings-restarting").contains("Asterisk is restarting."));
    let lost = html("settings-lost");
    assert!(lost.contains("has not come back") && lost.contains("keeper.log"));
    assert!(!lost.contains(r#"value="now""#), "nothing to end");
    let refused = html("settings-refused-restart");
    assert!(refused.contains("Asterisk does not restart:"));
}

#[test]
fn every_refusal_of_a_trunk_or_number_is_a_sentence() {
    for lang in Lang::all() {
        let texts = samples::texts(lang);
        for code in [
            "unknown_provider",
            "unknown_trunk",
            "unknown_extension",
            "did_taken",
            "did_not_assigned",
            "server_required",
            "credentials_required",
            "invalid_host",
            "invalid_auth_mode",
            "invalid_transport",
            "name_taken",
            "unknown_host",
            "no_name_server",
            "block_taken",
            "trunk_in_use",
            "invalid_did",
            "block_reversed",
            "block_overlaps",
        ] {
            let sentence = texts.error(code, &[]);
            assert!(!sentence.contains(code), "{code} in {}", lang.code());
        }
    }
}

#[test]
fn the_message_names_what_was_done() {
    let said = |done: Done| Flash::live(&done, Duration::from_millis(84), &texts("en")).text;
    assert_eq!(
        said(Done::TrunkDisabled("Main".into())),
        "Trunk Main disabled. Live in 0.08 s."
    );
    let assigned = Done::NumberAssigned {
        number: "0421 1".into(),
        extension: "1001".into(),
    };
    assert_eq!(said(assigned), "0421 1 leads to 1001 now. Live in 0.08 s.");
    for lang in Lang::all() {
        let name = || "N".to_owned();
        for done in [
            Done::TrunkCreated(name()),
            Done::TrunkSaved(name()),
            Done::TrunkEnabled(name()),
            Done::TrunkDeleted(name()),
            Done::NumberSaved(name()),
            Done::NumberEnabled(name()),
            Done::NumberDisabled(name()),
            Done::NumberDeleted(name()),
            Done::NumberForgotten(name()),
            Done::OutboundSaved(name()),
            Done::SettingsSaved,
            Done::MailSaved,
            Done::NetworkSaved,
            Done::NumberRemoved {
                number: name(),
                extension: name(),
            },
        ] {
            let text = Flash::done(&done, &samples::texts(lang)).text;
            assert!(!text.contains(views::texts::MISSING), "{done:?}");
        }
    }
}

#[test]
fn every_word_mark_exists() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../static");
    for trunk in samples::trunks::trunks(folder) {
        let mark = fs::read_to_string(&trunk.provider.logo).unwrap();
        assert!(
            mark.starts_with("<svg") && !mark.contains("<script"),
            "{mark}"
        );
    }
    let tiles = trunks::list::tiles(&samples::trunks::list(BASE), &texts("en")).into_string();
    assert!(tiles.contains(r#"src="/static/providers/plusnet.svg" alt="Plusnet IPfonie basic""#));
}
