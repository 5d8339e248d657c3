//! How good a typed secret is; fetched again while someone types.

use maud::{Markup, html};

use crate::texts::Texts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    /// Only accepted with an explicit "use anyway".
    pub is_weak: bool,
    /// An administrator may use a weak one.
    pub may_override: bool,
    /// It was already asked for.
    pub is_overridden: bool,
}

/// The meter below a secret field; nothing is known of an empty one.
pub fn fragment(strength: Option<Strength>, t: &Texts) -> Markup {
    html! {
        div id="strength" class="strength" aria-live="polite" {
            @if let Some(strength) = strength { (meter(strength, t)) }
        }
    }
}

fn meter(strength: Strength, t: &Texts) -> Markup {
    let (key, tone) = match strength.score {
        0 => ("strength-none", "tone-bad"),
        1 => ("strength-low", "tone-bad"),
        2 => ("strength-fair", "tone-warn"),
        3 => ("strength-good", "tone-ok"),
        _ => ("strength-great", "tone-ok"),
    };
    html! {
        meter class=(tone) min="0" max="4" low="2" high="3" optimum="4"
            value=(strength.score.clamp(0, 4)) aria-label=(t.t("strength-label")) {}
        span class={ "state " (tone) } { (t.t(key)) }
        @if strength.is_weak && strength.may_override {
            label class="check" {
                input id="f-allow_weak" type="checkbox" name="allow_weak"
                    checked[strength.is_overridden];
                span { (t.t("strength-use-anyway")) }
            }
        }
    }
}
