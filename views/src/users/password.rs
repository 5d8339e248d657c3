//! A password that was made for somebody, shown once.

use maud::{Markup, html};

use super::{frame, path};
use crate::page::Page;
use crate::ui::icon::Icon;
use crate::ui::part;

#[derive(Clone, Debug)]
pub struct Made {
    pub id: i64,
    pub name: String,
    pub password: String,
}

pub fn page(page: &Page<'_>, made: &Made) -> Markup {
    let t = page.texts;
    let title = t.t_args("user-password-made", &[("name", made.name.as_str().into())]);
    let content = html! {
        (part::header(&title, "", &html! {}))
        div class="card form-card" {
            (part::notice("tone-warn", Icon::Alert, &html! { p { (t.t("user-password-once")) } }))
            (part::facts(&[
                (t.t("user-name"), html! { (made.name) }),
                (t.t("password"), html! { code { (made.password) } }),
            ]))
            div class="buttons" {
                a class="button primary" href=(path(made.id, "")) { (t.t("user-password-noted")) }
            }
        }
    };
    frame(page, &title, &content)
}
