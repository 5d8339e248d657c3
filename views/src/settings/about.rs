//! Which program this is, and how it is.

use maud::{Markup, html};

use crate::dashboard::{self, System};
use crate::page::Page;

pub(super) fn card(page: &Page<'_>, system: &System) -> Markup {
    let t = page.texts;
    html! {
        section class="card" id="about" aria-labelledby="about-title" {
            h2 id="about-title" { (t.t("settings-about")) }
            dl class="codes wide" {
                div { dt { (t.t("about-version")) } dd { "GonoPBX " (page.version) } }
                div { dt { (t.t("about-licence")) } dd { "AGPL-3.0-or-later" } }
                div { dt { (t.t("settings-zone")) } dd { (t.zone().name()) " " small { (t.t("settings-zone-help")) } } }
            }
        }
        (dashboard::system(system, t))
    }
}
