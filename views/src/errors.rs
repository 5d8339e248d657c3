//! Pages for what went wrong. Each says what to do next.

use maud::{Markup, html};

use crate::page::Page;
use crate::ui::icon::drawing;
use crate::ui::shell::{self, Head};

/// The person may not do this (403).
pub fn forbidden(page: &Page<'_>) -> Markup {
    error(
        page,
        "forbidden-title",
        page.texts.t("forbidden-next"),
        None,
        ("/", "go-dashboard"),
    )
}

/// There is no such page or thing (404).
pub fn not_found(page: &Page<'_>) -> Markup {
    error(
        page,
        "not-found-title",
        page.texts.t("not-found-next"),
        None,
        ("/", "go-dashboard"),
    )
}

/// There is no such extension (404).
pub fn no_extension(page: &Page<'_>, number: &str) -> Markup {
    let next = page
        .texts
        .t_args("no-extension-next", &[("number", number.into())]);
    error(
        page,
        "no-extension-title",
        &next,
        None,
        ("/extensions", "go-extensions"),
    )
}

/// The request cannot be understood or comes from another site (400, 403 of the origin check).
pub fn bad_request(page: &Page<'_>) -> Markup {
    error(
        page,
        "bad-request-title",
        page.texts.t("bad-request-next"),
        None,
        ("/", "go-dashboard"),
    )
}

/// The program failed (500). The id finds the entry in the log.
pub fn internal(page: &Page<'_>, request_id: &str) -> Markup {
    let next = page.texts.t("internal-next");
    error(
        page,
        "internal-title",
        next,
        Some(request_id),
        ("/", "go-dashboard"),
    )
}

/// The database is away or the program is stopping (503).
pub fn unavailable(page: &Page<'_>) -> Markup {
    let next = page.texts.t("unavailable-next");
    error(
        page,
        "unavailable-title",
        next,
        None,
        (&page.path, "try-again"),
    )
}

fn error(
    page: &Page<'_>,
    title: &str,
    next: &str,
    request_id: Option<&str>,
    (href, label): (&str, &str),
) -> Markup {
    let t = page.texts;
    let title = t.t(title);
    let content = html! {
        div class="card empty error-page" {
            (drawing())
            h1 { (title) }
            p { (next) }
            @if let Some(id) = request_id {
                p { (t.t("request-id")) " " code id="request-id" { (id) } }
            }
            a class="button primary" href=(href) { (t.t(label)) }
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: None,
            live: false,
        },
        &content,
    )
}
