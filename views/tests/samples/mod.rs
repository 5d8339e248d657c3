//! Every page with plausible values, for the tests and the preview.

mod calls;
mod dashboard;
pub mod extension;
pub mod extensions;
mod more;
pub mod numbers;
pub mod trunks;
mod voicemail;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use views::calls::{Filter, page as calls_page};
use views::extensions::{
    Title, credentials, delete, form, history, list, overview, password, rename,
};
use views::login::Login;
use views::page::{Done, Unconfirmed};
use views::password::ChangePassword;
use views::profile::{Profile, second_factor::On, sessions::Session};
use views::ui::form::FieldErrors;
use views::ui::state::{Party, PhoneState};
use views::{Assets, Flash, Lang, Markup, Page, Texts, Theme, Who};

/// A name that tries to leave its place.
pub const EVIL: &str = "<script>alert(1)</script>\"'";

pub fn assets(base: &str) -> Assets {
    let url = |name: &str| format!("{base}/{name}");
    Assets {
        css: url("app.css"),
        htmx: url("htmx.js"),
        sse: url("sse.js"),
        js: url("app.js"),
        logo: url("logo.svg"),
        favicon: url("favicon.svg"),
    }
}

pub fn texts(lang: Lang) -> Texts {
    Texts::new(lang, chrono_tz::Europe::Berlin, now())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_352_709, 0).expect("a moment in 2026")
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

fn party(number: &str, name: &str) -> Party {
    let name = (!name.is_empty()).then(|| name.to_owned());
    Party {
        number: number.into(),
        is_extension: number.len() == 4,
        name,
    }
}

fn title(state: PhoneState) -> Title {
    Title {
        number: "1001".into(),
        name: "Nadja Weber".into(),
        state,
        may_edit: true,
        may_call: true,
    }
}

/// What every page is made with, for an administrator.
fn page<'a>(assets: &'a Assets, texts: &'a Texts, theme: Theme) -> Page<'a> {
    Page {
        user: Some(Who {
            name: "admin".into(),
            is_admin: true,
        }),
        new_messages: 3,
        flash: None,
        assets,
        version: "3.0.0",
        texts,
        path: "/extensions?q=a&sort=name".into(),
        theme,
        moment: 1_700_000_000_000_000,
    }
}

/// All pages by name.
pub fn pages(assets: &Assets, texts: &Texts, theme: Theme) -> Vec<(&'static str, Markup)> {
    let page = page(assets, texts, theme);
    // Where the style sheet is, the word marks are.
    let base = assets.css.trim_end_matches("/app.css");
    let mut pages = pages_without_extensions(&page, base);
    pages.extend(extension_pages(&page));
    pages.extend(extensions::tables(&page));
    pages.extend(more::pages(&page, base));
    pages
}

fn pages_without_extensions(page: &Page<'_>, base: &str) -> Vec<(&'static str, Markup)> {
    let texts = page.texts;
    let anonymous = Page {
        user: None,
        ..page.clone()
    };
    let user = Page {
        user: Some(Who {
            name: EVIL.into(),
            is_admin: false,
        }),
        ..page.clone()
    };
    let flashed = Page {
        flash: Some(Flash::done(&Done::LoggedOut, texts)),
        ..anonymous.clone()
    };
    let refused = Login {
        user_name: "admin".into(),
        next: "/calls".into(),
        error: Some(texts.error("login_failed", &[])),
    };
    vec![
        ("login", views::login::page(&flashed, &Login::default())),
        ("login-refused", views::login::page(&anonymous, &refused)),
        (
            "password-forced",
            views::password::page(page, &change(texts, true)),
        ),
        (
            "password",
            views::password::page(page, &change(texts, false)),
        ),
        ("profile", views::profile::page(page, &profile())),
        (
            "dashboard",
            views::dashboard::page(page, &dashboard::dashboard(base, false)),
        ),
        (
            "dashboard-away",
            views::dashboard::page(&user, &dashboard::dashboard(base, true)),
        ),
        (
            "dashboard-empty",
            views::dashboard::page(page, &dashboard::empty_dashboard(true)),
        ),
        (
            "dashboard-empty-user",
            views::dashboard::page(&user, &dashboard::empty_dashboard(false)),
        ),
        ("calls", calls_page(page, &calls::call_list(texts))),
        ("calls-found", calls_page(page, &calls::found_calls(texts))),
        (
            "calls-empty",
            calls_page(page, &calls::no_calls(Filter::default())),
        ),
        (
            "calls-none",
            calls_page(page, &calls::no_calls(calls::filter())),
        ),
        ("help", views::help::page(page)),
        ("forbidden", views::errors::forbidden(page)),
        ("not-found", views::errors::not_found(&anonymous)),
        ("no-extension", views::errors::no_extension(page, EVIL)),
        ("bad-request", views::errors::bad_request(page)),
        ("internal", views::errors::internal(page, "0f7c2a9d51")),
        ("unavailable", views::errors::unavailable(page)),
    ]
}

fn extension_pages(page: &Page<'_>) -> Vec<(&'static str, Markup)> {
    let texts = page.texts;
    let user = Page {
        user: Some(Who {
            name: "nadja".into(),
            is_admin: false,
        }),
        ..page.clone()
    };
    let saved = Flash::live(
        &Done::Created("1001".into()),
        Duration::from_millis(84),
        texts,
    );
    let late = Flash::unconfirmed(&Done::Saved("1001".into()), &Unconfirmed::Away, texts);
    let flashed = Page {
        flash: Some(saved),
        ..page.clone()
    };
    let warned = Page {
        flash: Some(late),
        ..page.clone()
    };
    let failed = Page {
        flash: Some(Flash::error("conflict", texts)),
        ..page.clone()
    };
    vec![
        ("extensions", list::page(&warned, &extensions::extensions())),
        (
            "extensions-none",
            list::page(&failed, &extensions::no_match()),
        ),
        (
            "extensions-empty",
            list::page(page, &extensions::no_extensions()),
        ),
        ("new", form::new(page, &extensions::new(texts, false))),
        (
            "new-refused",
            form::new(page, &extensions::new(texts, true)),
        ),
        ("edit", form::edit(page, &extensions::edit())),
        (
            "overview",
            overview::page(page, &extension::overview(PhoneState::Talking)),
        ),
        (
            "overview-offline",
            overview::page(page, &extension::overview(PhoneState::Offline)),
        ),
        (
            "overview-disabled",
            overview::page(page, &extension::overview(PhoneState::Disabled)),
        ),
        (
            "overview-unknown",
            overview::page(&user, &extension::overview(PhoneState::Unknown)),
        ),
        (
            "set-password",
            password::page(page, &extension::set_password(texts)),
        ),
        ("rename", rename::page(page, &extension::rename(texts))),
        ("delete", delete::page(page, &extension::delete())),
        ("history", history::page(page, &extension::history())),
        (
            "credentials",
            credentials::page(&flashed, &extension::credentials(true)),
        ),
        (
            "credentials-waiting",
            credentials::page(page, &extension::credentials(false)),
        ),
    ]
}

fn change(texts: &Texts, is_forced: bool) -> ChangePassword {
    let mut errors = FieldErrors::default();
    if !is_forced {
        errors.add("current_password", texts.error("wrong_password", &[]));
        errors.add("repeat_password", texts.error("passwords_differ", &[]));
    }
    ChangePassword {
        is_forced,
        min_length: 10,
        errors,
    }
}

fn profile() -> Profile {
    Profile {
        user_name: "admin".into(),
        full_name: "Erika Beispiel".into(),
        email: "erika@example.com".into(),
        is_admin: true,
        language: "de".into(),
        errors: FieldErrors::default(),
        second_factor: Some(On {
            since: now(),
            codes_left: 2,
        }),
        sessions: vec![Session {
            id: "8c7b5d4e-1f6a-4b3e-9d1e-0a2b3c4d5e6f".into(),
            device: EVIL.into(),
            address: Some("192.168.1.20".into()),
            since: now() - TimeDelta::hours(3),
            used: now(),
            is_this_one: true,
        }],
    }
}
