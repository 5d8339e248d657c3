//! The order of codecs that every extension without one of its own follows.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::codecs::{self, Codec};
use crate::ui::form::{self, FieldErrors, Row};

#[derive(Clone, Debug)]
pub struct Audio {
    pub codecs: Vec<Codec>,
    pub errors: FieldErrors,
}

pub(super) fn form(audio: &Audio, t: &Texts) -> Markup {
    let label = t.t("settings-codecs");
    let row = Row {
        name: "global_codecs",
        label,
        help: t.t("settings-codecs-help"),
        column: "pbx.setting",
        errors: &audio.errors,
    };
    html! {
        section class="card form-card" id="audio" aria-labelledby="audio-title" {
            h2 id="audio-title" { (t.t("settings-audio")) }
            (form::summary(&audio.errors, &[("global_codecs", label)], t))
            form method="post" action="/settings/audio" novalidate {
                input type="hidden" name="codec_order" value="own";
                (codecs::order(&row, &audio.codecs, t))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("save")) }
                }
            }
        }
    }
}
