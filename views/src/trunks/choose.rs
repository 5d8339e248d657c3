//! The first step to a new trunk: which provider it is.

use maud::{Markup, html};

use super::{Provider, logo};
use crate::page::Page;
use crate::texts::Texts;
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

/// A provider that can be chosen.
#[derive(Clone, Debug)]
pub struct Offer {
    pub key: String,
    pub provider: Provider,
    /// Two letters, as in `DE`; empty: anywhere.
    pub country: String,
}

const STEPS: [&str; 3] = ["wizard-provider", "wizard-values", "wizard-check"];

/// Where on the way to a working trunk a page stands.
pub(super) fn steps(now: usize, t: &Texts) -> Markup {
    part::steps(t.t("wizard"), &STEPS.map(|key| t.t(key)), now)
}

/// A country by the name the language has for it.
pub(super) fn country<'a>(code: &'a str, t: &Texts) -> &'a str {
    match code {
        "AT" => t.t("country-at"),
        "CH" => t.t("country-ch"),
        "DE" => t.t("country-de"),
        "FR" => t.t("country-fr"),
        "IT" => t.t("country-it"),
        "NL" => t.t("country-nl"),
        "" => t.t("country-any"),
        other => other,
    }
}

/// `offers` stand in the order in which they are shown; those of one country follow each other.
pub fn page(page: &Page<'_>, offers: &[Offer]) -> Markup {
    let t = page.texts;
    let title = t.t("trunk-new");
    let content = html! {
        (part::header(title, t.t("wizard-provider-line"), &html! {}))
        (steps(0, t))
        @for group in offers.chunk_by(|a, b| a.country == b.country) {
            section class="section" {
                div class="section-head" { h2 { (country(&group[0].country, t)) } }
                ul class="tiles" { @for entry in group { li { (offer(entry)) } } }
            }
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Trunks),
            live: false,
        },
        &content,
    )
}

fn offer(offer: &Offer) -> Markup {
    let href = url::with_query("/trunks/new", &[("provider", &offer.key)]);
    html! {
        a class="tile tone-none" href=(href) {
            (logo(&offer.provider))
            span class="number" { (offer.provider.name) }
        }
    }
}
