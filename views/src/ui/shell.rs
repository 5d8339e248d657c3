//! The frame of every page: head, top bar with navigation and user menu, message, footer.

use maud::{DOCTYPE, Markup, html};

use crate::page::{Page, Theme, Who};
use crate::texts::{Lang, Texts};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;

/// No styles or code may be made at run time: the content security policy forbids both.
/// A form that comes back with errors (422) is shown like any answer.
const HTMX_CONFIG: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyCacheSize":0,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}"#;

/// The entries of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    Dashboard,
    Extensions,
    Trunks,
    Numbers,
    Calls,
    Voicemail,
    Settings,
    Profile,
    Users,
    Changes,
    Help,
}

const MAIN: [(Nav, &str, &str); 7] = [
    (Nav::Dashboard, "/", "nav-dashboard"),
    (Nav::Extensions, "/extensions", "nav-extensions"),
    (Nav::Trunks, "/trunks", "nav-trunks"),
    (Nav::Numbers, "/numbers", "nav-numbers"),
    (Nav::Calls, "/calls", "nav-calls"),
    (Nav::Voicemail, "/voicemail", "nav-voicemail"),
    (Nav::Settings, "/settings", "nav-settings"),
];

impl Nav {
    /// Only administrators are led there.
    const fn is_for_admins(self) -> bool {
        matches!(self, Self::Trunks | Self::Numbers | Self::Settings)
    }
}

/// What a page tells its frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub title: &'a str,
    pub active: Option<Nav>,
    /// The page has parts that refresh themselves, so it listens to the server's topics.
    pub live: bool,
}

/// A page with navigation.
pub(crate) fn shell(page: &Page<'_>, head: &Head<'_>, content: &Markup) -> Markup {
    let t = page.texts;
    let body = html! {
        a class="skip" href="#main" { (t.t("skip-to-content")) }
        (top_bar(page, head))
        @if head.live {
            p id="stream-lost" class="stream-lost" role="status" hidden {
                (icon(Icon::Alert)) (t.t("stream-lost"))
            }
        }
        main id="main" tabindex="-1" { (content) }
        (part::flash(page))
        @if page.user.is_some() { (part::unreachable(page)) }
        (footer(page))
        @if page.user.is_some() { dialog id="dialog" aria-labelledby="dialog-title" {} }
    };
    document(page, head, &body)
}

/// A page with nothing but one card: login, a forced change of the password.
pub(crate) fn narrow(page: &Page<'_>, title: &str, content: &Markup) -> Markup {
    let head = Head {
        title,
        active: None,
        live: false,
    };
    let body = html! {
        main id="main" class="alone" tabindex="-1" {
            (logo(page, "logo-large"))
            div class="card" { h1 { (title) } (content) }
            (languages(page))
        }
        (part::flash(page))
        (footer(page))
    };
    document(page, &head, &body)
}

fn document(page: &Page<'_>, head: &Head<'_>, body: &Markup) -> Markup {
    let assets = page.assets;
    let listens = head.live && page.user.is_some();
    html! {
        (DOCTYPE)
        html lang=(page.texts.lang().code()) data-theme=[page.theme.name()] {
            head {
                meta charset="utf-8";
                title { (head.title) " · GonoPBX" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="htmx-config" content=(HTMX_CONFIG);
                link rel="icon" type="image/svg+xml" href=(assets.favicon);
                link rel="stylesheet" href=(assets.css);
                @if page.user.is_some() { script src=(assets.htmx) defer {} }
                @if listens { script src=(assets.sse) defer {} }
                script src=(assets.js) defer {}
            }
            body hx-ext=[listens.then_some("sse")] sse-connect=[listens.then(|| format!("/events?since={}", page.moment))]
            {
                (body)
            }
        }
    }
}

fn logo(page: &Page<'_>, class: &str) -> Markup {
    html! {
        svg class=(class) viewBox="0 0 136 32" role="img" aria-label="GonoPBX" {
            use href={ (page.assets.logo) "#logo" } {}
        }
    }
}

fn top_bar(page: &Page<'_>, head: &Head<'_>) -> Markup {
    let t = page.texts;
    let active = head.active;
    html! {
        header class="top" {
            div class="top-inner" {
                a class="home" href="/" { (logo(page, "logo")) }
                @if let Some(user) = &page.user {
                    input id="menu" class="menu-state" type="checkbox" aria-label=(t.t("nav-menu"));
                    label class="menu-button" for="menu" aria-hidden="true" { (icon(Icon::Menu)) }
                    div class="top-content" {
                        nav class="main-nav" aria-label=(t.t("nav-main")) {
                            @for (entry, href, key) in entries(user) {
                                a href=(href) aria-current=[(active == Some(entry)).then_some("page")]
                                {
                                    (t.t(key))
                                    @if entry == Nav::Voicemail { (new_messages(page.new_messages, head.live, t)) }
                                }
                            }
                        }
                        (user_menu(page, user, active))
                    }
                } @else {
                    (languages(page))
                }
            }
        }
    }
}

/// Follows the mailboxes on pages that listen.
pub fn new_messages(count: u64, live: bool, t: &Texts) -> Markup {
    html! {
        span id="new-messages" hx-get=[live.then_some("/fragments/new-messages")]
            hx-trigger=[live.then_some("sse:voicemail, resync from:body")] hx-swap="outerHTML"
            hx-target="this" hx-sync="this:replace" hx-disinherit="*"
        {
            @if count > 0 {
                " " span class="badge tone-accent" { (t.number(count)) span class="hidden-text" { " " (t.t("voicemail-badge")) } }
            }
        }
    }
}

fn entries(user: &Who) -> impl Iterator<Item = (Nav, &'static str, &'static str)> {
    MAIN.into_iter()
        .filter(|(entry, ..)| user.is_admin || !entry.is_for_admins())
}

fn user_menu(page: &Page<'_>, user: &Who, active: Option<Nav>) -> Markup {
    let t = page.texts;
    let current = |entry| (active == Some(entry)).then_some("page");
    html! {
        div class="user" {
            details class="user-menu" {
                summary {
                    (icon(Icon::User)) span class="user-name" { (user.name) } (icon(Icon::Chevron))
                }
                div class="popup" {
                    a href="/profile" aria-current=[current(Nav::Profile)] { (t.t("nav-profile")) }
                    @if user.is_admin {
                        a href="/users" aria-current=[current(Nav::Users)] { (t.t("nav-users")) }
                        a href="/changes" aria-current=[current(Nav::Changes)] { (t.t("nav-changes")) }
                    }
                    a href="/help" aria-current=[current(Nav::Help)] { (t.t("nav-help")) }
                    (themes(page.theme, t))
                    (languages(page))
                }
            }
            @if user.is_admin { span class="badge tone-accent" { (t.t("admin-badge")) } }
            form method="post" action="/logout" {
                button type="submit" class="link" { (t.t("nav-logout")) }
            }
        }
    }
}

/// The choice of colours is a matter of the browser: the script keeps it in a cookie.
fn themes(chosen: Theme, t: &Texts) -> Markup {
    let choices = [
        (Theme::System, "theme-system"),
        (Theme::Light, "theme-light"),
        (Theme::Dark, "theme-dark"),
    ];
    html! {
        fieldset class="segments" data-theme-choice hidden {
            legend { (t.t("theme")) }
            div {
                @for (theme, key) in choices {
                    label {
                        input type="radio" name="theme" value=(theme.name().unwrap_or(""))
                            checked[theme == chosen];
                        span { (t.t(key)) }
                    }
                }
            }
        }
    }
}

/// Every language by its own name; each is a button of one form.
fn languages(page: &Page<'_>) -> Markup {
    html! {
        form class="languages" method="post" action="/language" aria-label=(page.texts.t("language")) {
            input type="hidden" name="next" value=(page.path);
            @for lang in Lang::all() {
                button type="submit" class="link" name="lang" value=(lang.code()) lang=(lang.code())
                    aria-current=[(lang == page.texts.lang()).then_some("true")]
                { (lang.own_name()) }
            }
        }
    }
}

fn footer(page: &Page<'_>) -> Markup {
    let t = page.texts;
    html! {
        footer class="bottom" {
            span { "GonoPBX " (page.version) }
            span { (t.t("footer-copyright")) }
            span { (t.t("footer-licence")) }
        }
    }
}
