//! Every page in every language: complete, escaped, usable without script, and true to the
//! content security policy.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod samples;

use std::collections::BTreeSet;

use samples::EVIL;
use views::extensions::{credentials, list, strength};
use views::texts::MISSING;
use views::{Lang, Texts, Theme};

/// Runs a check on each page in each language; the first word of a failure says which.
fn on_every_page(check: impl Fn(&str, &str)) {
    let assets = samples::assets("/static");
    for lang in Lang::all() {
        for (name, page) in samples::pages(&assets, &samples::texts(lang), Theme::System) {
            check(
                &format!("{name} in {}", lang.code()),
                page.into_string().as_str(),
            );
        }
    }
}

fn english() -> Texts {
    samples::texts(Lang::find("en").unwrap())
}

/// All opening tags, as in `<a href="/">` without the brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter(|tag| !tag.starts_with(['/', '!']))
        .map(|tag| {
            // Attribute values have no `>`: they are escaped.
            tag.split('>').next().unwrap()
        })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    Some(rest.split('"').next().unwrap())
}

fn ids(html: &str) -> BTreeSet<&str> {
    tags(html).filter_map(|tag| attribute(tag, "id")).collect()
}

#[test]
fn every_text_is_there() {
    on_every_page(|page, html| {
        assert!(!html.contains(MISSING), "{page} lacks a text");
        assert!(html.starts_with("<!DOCTYPE html><html lang=\""), "{page}");
        assert!(html.contains("<main id=\"main\""), "{page}");
        assert!(html.contains("AGPL-3.0-or-later"), "{page}");
        assert_eq!(
            html.matches("<h1").count(),
            1,
            "{page} needs one main heading"
        );
    });
}

#[test]
fn markup_in_values_stays_text() {
    on_every_page(|page, html| {
        assert!(
            !html.contains("<script>"),
            "{page} lets a value become markup"
        );
        assert!(!html.contains(EVIL), "{page} does not escape");
    });
    let list = list::rows(&samples::extensions::extensions(), &english()).into_string();
    assert!(
        list.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"),
        "{list}"
    );
}

#[test]
fn nothing_is_inline_that_the_policy_forbids() {
    on_every_page(|page, html| {
        for tag in tags(html) {
            assert!(!tag.starts_with("style"), "{page}: <{tag}>");
            assert!(attribute(tag, "style").is_none(), "{page}: <{tag}>");
            assert!(!tag.contains(" on"), "{page}: an event handler in <{tag}>");
            assert!(!tag.contains("javascript:"), "{page}: <{tag}>");
            assert!(
                !tag.starts_with("script") || attribute(tag, "src").is_some(),
                "{page}: <{tag}>"
            );
            assert!(
                !tag.contains(" hx-on") && !tag.contains(" hx-vals"),
                "{page}: <{tag}>"
            );
        }
    });
}

#[test]
fn references_within_a_page_find_their_element() {
    on_every_page(|page, html| {
        let ids = ids(html);
        let count = tags(html)
            .filter(|tag| attribute(tag, "id").is_some())
            .count();
        assert_eq!(ids.len(), count, "{page} has an id twice");
        // What the dialog is named by comes with its content.
        let exists = |id: &str| ids.contains(id) || id == "dialog-title" || id == "confirm";
        for tag in tags(html) {
            for name in [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "aria-controls",
                "data-copy",
            ] {
                for id in attribute(tag, name).unwrap_or_default().split_whitespace() {
                    assert!(exists(id), "{page}: {name} names {id} in <{tag}>");
                }
            }
            for name in ["href", "hx-target", "hx-select", "hx-select-oob"] {
                if let Some(id) = attribute(tag, name).and_then(|value| value.strip_prefix('#')) {
                    assert!(exists(id), "{page}: {name} names {id} in <{tag}>");
                }
            }
        }
    });
}

#[test]
fn every_control_has_a_name_to_read_aloud() {
    on_every_page(|page, html| {
        let labelled: BTreeSet<&str> = tags(html).filter_map(|tag| attribute(tag, "for")).collect();
        for (position, _) in html
            .match_indices("<input")
            .chain(html.match_indices("<select"))
        {
            let tag = tags(&html[position..]).next().unwrap();
            let hidden = attribute(tag, "type") == Some("hidden") || tag.ends_with(" hidden");
            let before = &html[..position];
            let wrapped = before.rfind("<label") > before.rfind("</label>");
            let named = attribute(tag, "aria-label").is_some()
                || attribute(tag, "aria-labelledby").is_some()
                || attribute(tag, "id").is_some_and(|id| labelled.contains(id));
            assert!(hidden || wrapped || named, "{page}: <{tag}>");
        }
        for tag in tags(html).filter(|tag| tag.starts_with("button")) {
            assert!(attribute(tag, "type").is_some(), "{page}: <{tag}>");
        }
        for tag in tags(html).filter(|tag| tag.starts_with("img")) {
            assert!(attribute(tag, "alt").is_some(), "{page}: <{tag}>");
        }
    });
}

#[test]
fn forms_work_without_script() {
    on_every_page(|page, html| {
        for tag in tags(html).filter(|tag| tag.starts_with("form")) {
            let method = attribute(tag, "method").unwrap_or_default();
            assert!(["get", "post"].contains(&method), "{page}: <{tag}>");
            assert!(
                attribute(tag, "action").is_some_and(|url| url.starts_with('/')),
                "{page}: <{tag}>"
            );
        }
    });
}

#[test]
fn a_page_is_small() {
    on_every_page(|page, html| assert!(html.len() < 40_000, "{page}: {} bytes", html.len()));
}

#[test]
fn a_live_page_listens_and_its_parts_fetch_themselves() {
    let assets = samples::assets("/static");
    let pages = samples::pages(&assets, &english(), Theme::Dark);
    let html = |name| {
        pages
            .iter()
            .find(|(page, _)| *page == name)
            .unwrap()
            .1
            .clone()
            .into_string()
    };
    let dashboard = html("dashboard");
    assert!(dashboard.contains(r#"hx-ext="sse" sse-connect="/events?since="#));
    assert!(dashboard.contains(r#"data-theme="dark""#));
    for (id, url, topic) in [
        ("system", "/fragments/system", "sse:system"),
        ("tiles", "/fragments/tiles", "sse:extensions"),
        ("calls-now", "/fragments/calls-now", "sse:calls"),
        ("last-calls", "/fragments/last-calls", "sse:cdr"),
    ] {
        let tag = tags(&dashboard)
            .find(|tag| attribute(tag, "id") == Some(id))
            .unwrap();
        assert_eq!(attribute(tag, "hx-get"), Some(url));
        assert!(
            attribute(tag, "hx-trigger").unwrap().starts_with(topic),
            "<{tag}>"
        );
        assert_eq!(attribute(tag, "hx-select"), Some(format!("#{id}").as_str()));
    }
    // The cards above them come along with them.
    for (id, other) in [
        ("tiles", "#phones"),
        ("calls-now", "#call-count"),
        ("last-calls", "#calls-today"),
    ] {
        let of = |wanted| tags(&dashboard).find(|tag| attribute(tag, "id") == Some(wanted));
        let oob = of(id).and_then(|tag| attribute(tag, "hx-select-oob"));
        assert_eq!(oob, Some(other));
        let card = of(&other[1..]).unwrap();
        assert_eq!(attribute(card, "hx-get"), None, "<{card}>");
    }
    assert!(!html("login").contains("sse-connect"));
    assert!(!html("login").contains("htmx.js"));
}

#[test]
fn what_asterisk_cannot_tell_is_not_shown_as_known() {
    let assets = samples::assets("/static");
    let pages = samples::pages(&assets, &english(), Theme::System);
    let html = |name| {
        pages
            .iter()
            .find(|(page, _)| *page == name)
            .unwrap()
            .1
            .clone()
            .into_string()
    };
    let away = html("dashboard-away");
    assert!(away.contains("Asterisk is away since"));
    assert!(!away.contains("1,212") && !away.contains("Nobody is on the phone"));
    assert!(html("overview-unknown").contains("is not known while Asterisk is away"));
    assert!(html("overview").contains("rings 20 s on 3 phones"));
    assert!(html("overview-offline").contains("the caller hears that nobody is there at once"));
}

#[test]
fn secrets_are_never_in_a_form_field() {
    on_every_page(|page, html| {
        for tag in tags(html).filter(|tag| attribute(tag, "type") == Some("password")) {
            assert!(attribute(tag, "value").is_none(), "{page}: <{tag}>");
        }
    });
}

#[test]
fn a_refused_form_comes_back_filled_with_its_errors() {
    let assets = samples::assets("/static");
    let pages = samples::pages(&assets, &english(), Theme::System);
    let html = &pages
        .iter()
        .find(|(page, _)| *page == "new-refused")
        .unwrap()
        .1
        .clone()
        .into_string();
    assert!(html.contains(r##"<a href="#f-extension">Number: This is already taken.</a>"##));
    assert!(html.contains(r#"<p class="error" id="f-ring_time-error">"#));
    assert!(html.contains(r#"value="700""#));
    assert!(html.contains(r#"<details class="folded" open>"#));
    assert!(html.contains(r#"<option value="1:alaw" selected>"#));
    assert!(html.contains("Someone else has changed this"));
    assert!(html.contains(r#"name="allow_weak""#));
}

#[test]
fn list_addresses_carry_the_whole_query() {
    let query = list::Query {
        q: "a&b".into(),
        state: list::Filter::named("offline"),
        sort: list::Sort::named("name"),
        descending: true,
        after: Some("1010".into()),
    };
    assert_eq!(
        query.url(),
        "/extensions?q=a%26b&state=offline&sort=name&dir=desc&after=1010"
    );
    assert_eq!(list::Query::default().url(), "/extensions");
    let html = list::rows(&samples::extensions::extensions(), &english()).into_string();
    assert!(
        html.contains(r#"href="/extensions?sort=name&amp;after=1008""#),
        "{html}"
    );
    assert!(html.contains(r#"action="/extensions/1008/enable""#));
    assert!(html.contains(r#"action="/extensions/1001/disable""#));
}

#[test]
fn the_registration_line_waits_and_then_names_the_phone() {
    let waiting = samples::extension::credentials(false).registration;
    let html = credentials::registration(&waiting, &english()).into_string();
    assert!(html.contains("Waiting for the phone"));
    assert!(html.contains(r#"hx-get="/fragments/registration/1001""#));
    let registered = samples::extension::credentials(true).registration;
    let html = credentials::registration(&registered, &english()).into_string();
    assert!(html.contains("Registered from 192.168.1.20:5060 (Yealink T46)"));
}

#[test]
fn the_meter_asks_before_a_weak_secret_is_used() {
    let weak = |may_override| strength::Strength {
        score: 2,
        is_weak: true,
        may_override,
        is_overridden: false,
    };
    let html = |strength| strength::fragment(strength, &english()).into_string();
    assert!(html(Some(weak(true))).contains(r#"name="allow_weak""#));
    assert!(!html(Some(weak(false))).contains("allow_weak"));
    assert!(!html(None).contains("meter"));
}
