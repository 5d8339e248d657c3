//! Codecs in an order of one's own, or in the usual one.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::form::Row;
use crate::ui::icon::{Icon, icon};

/// A codec that may be chosen.
#[derive(Clone, Debug)]
pub struct Codec {
    /// Asterisk's name, as in `alaw`.
    pub name: String,
    /// As people call it, as in `G.711 A-law`.
    pub label: String,
    /// Place in the extension's own order, from 1; none if it is not used.
    pub rank: Option<usize>,
}

/// What the codec fields of this form sent, as a list such as `alaw,g722`. Empty: the system's order;
/// a lone comma: an order of its own with nothing in it.
pub fn chosen_codecs<'a>(order: &str, places: impl IntoIterator<Item = &'a str>) -> String {
    if order != "own" {
        return String::new();
    }
    let places = places.into_iter().filter_map(|place| place.split_once(':'));
    let mut codecs: Vec<(usize, &str)> = places
        .filter_map(|(place, name)| Some((place.parse().ok()?, name)))
        .collect();
    codecs.sort_by_key(|(place, _)| *place);
    let names: Vec<&str> = codecs.into_iter().map(|(_, name)| name).collect();
    if names.is_empty() {
        ",".to_owned()
    } else {
        names.join(",")
    }
}

/// What the field shows.
pub(crate) struct Order<'a> {
    pub codecs: &'a [Codec],
    pub is_own: bool,
    /// What the usual order is called, and that order by the names people use.
    pub usual_label: &'a str,
    pub usual: &'a [String],
}

/// Codecs in order. Without the script each has a number; with it they also move by buttons.
/// Sends `codec_order` (`system` or `own`) and a `codec` for each.
pub(crate) fn fieldset(row: &Row<'_>, order: &Order<'_>, t: &Texts) -> Markup {
    html! {
        fieldset class="row codecs" id={ "f-" (row.name) } aria-describedby=[row.described()] {
            legend { (row.label) }
            label class="check" {
                input type="radio" name="codec_order" value="system" checked[!order.is_own];
                span { (order.usual_label) " " small { (order.usual.join(", ")) } }
            }
            label class="check" {
                input type="radio" name="codec_order" value="own" checked[order.is_own];
                span { (t.t("codecs-own")) }
            }
            (list(order.codecs, t))
            (row.below())
        }
    }
}

/// The same where there is no other order to choose.
pub(crate) fn order(row: &Row<'_>, codecs: &[Codec], t: &Texts) -> Markup {
    html! {
        fieldset class="row codecs" id={ "f-" (row.name) } aria-describedby=[row.described()] {
            legend { (row.label) }
            (list(codecs, t))
            (row.below())
        }
    }
}

fn list(codecs: &[Codec], t: &Texts) -> Markup {
    let mut codecs: Vec<&Codec> = codecs.iter().collect();
    codecs.sort_by_key(|codec| codec.rank.unwrap_or(usize::MAX));
    html! {
        ol class="codec-list" data-order {
            @for entry in &codecs { (codec(entry, codecs.len(), t)) }
        }
    }
}

fn codec(codec: &Codec, count: usize, t: &Texts) -> Markup {
    let name = [("name", codec.label.as_str().into())];
    html! {
        li {
            select name="codec" aria-label=(t.t_args("codec-place", &name)) {
                option value="" selected[codec.rank.is_none()] { (t.t("codec-off")) }
                @for place in 1..=count {
                    option value={ (place) ":" (codec.name) } selected[codec.rank == Some(place)]
                    { (place) "." }
                }
            }
            span { (codec.label) " " code class="column" { (codec.name) } }
            span class="movers" hidden {
                button type="button" class="button small" data-move="up"
                    aria-label=(t.t_args("codec-up", &name)) { (icon(Icon::ArrowUp)) }
                button type="button" class="button small" data-move="down"
                    aria-label=(t.t_args("codec-down", &name)) { (icon(Icon::ArrowDown)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_come_in_the_order_of_their_places() {
        assert_eq!(chosen_codecs("own", ["2:ulaw", "", "1:alaw"]), "alaw,ulaw");
        assert_eq!(chosen_codecs("own", ["1:ulaw", "1:alaw"]), "ulaw,alaw");
        assert_eq!(chosen_codecs("own", ["", "x:ulaw"]), ",");
        assert_eq!(chosen_codecs("system", ["1:ulaw"]), "");
    }
}
