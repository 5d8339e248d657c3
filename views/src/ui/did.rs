//! External numbers as people read and copy them.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::icon::{self, Icon};

/// An external number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Did {
    /// As forms send it and as it is copied, as in `+4942198961300`.
    pub e164: String,
    /// As the country writes it, as in `0421 98961300`.
    pub shown: String,
}

/// A number of an extension, and what it does there.
#[derive(Clone, Debug)]
pub struct OwnDid {
    pub did: Did,
    /// Calls to it ring; not while its route is switched off.
    pub is_incoming: bool,
    /// Who is called from the extension sees this number.
    pub is_outgoing: bool,
}

/// The number with a mark for each direction it is used in.
pub(crate) fn marked(own: &OwnDid, t: &Texts) -> Markup {
    html! {
        span class="chip" title=(own.did.e164) {
            (marks(own, t)) (own.did.shown)
        }
    }
}

/// A green arrow for calls that come in, a blue one for calls that go out.
pub(crate) fn marks(own: &OwnDid, t: &Texts) -> Markup {
    html! {
        @if own.is_incoming {
            span class="mark tone-ok" { (icon::labelled(Icon::Incoming, t.t("did-incoming"))) }
        }
        @if own.is_outgoing {
            span class="mark tone-accent" { (icon::labelled(Icon::Outgoing, t.t("did-outgoing"))) }
        }
    }
}

/// The number with a button that copies it the way every program understands; `id` is its element.
pub(crate) fn copyable(id: &str, did: &Did, t: &Texts) -> Markup {
    html! {
        span class="did" {
            span id=(id) class="number" data-value=(did.e164) { (did.shown) }
            button type="button" class="copy" data-copy=(id) hidden
                aria-label={ (t.t("copy")) ": " (did.e164) } title=(t.t("copy"))
            { (icon::icon(Icon::Copy)) (icon::icon(Icon::Check)) }
        }
    }
}
