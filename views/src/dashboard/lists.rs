//! Tiles and call lists below the status cards.

use maud::{Markup, html};

use super::{CallNow, CallState, LastCall, Tile, Tiles};
use crate::calls;
use crate::texts::Texts;
use crate::ui::did;
use crate::ui::icon::{Icon, icon};
use crate::ui::part::{self, Refresh, refreshing_with};
use crate::ui::state::{self, Live, PhoneState};
use crate::ui::url;

/// Numbers on a tile; a few show that there are some, its page has all.
const SHOWN_DIDS: usize = 2;

/// Every extension as a tile that opens its page.
pub(super) fn tiles(tiles: Option<&Tiles>, may_create: bool, t: &Texts) -> Markup {
    let section = Refresh {
        id: "tiles",
        class: "section",
        url: "/fragments/tiles",
        trigger: "sse:extensions, sse:system",
    };
    refreshing_with(
        Some("phones"),
        &section,
        &html! {
            div class="section-head" {
                h2 id="tiles-title" { (t.t("nav-extensions")) }
                a href="/extensions" { (t.t("all-extensions")) }
            }
            @if let Some(tiles) = tiles {
                (tile_list(tiles, may_create, t))
            } @else {
                div class="card" { (state::without_database(t)) }
            }
        },
    )
}

fn tile_list(tiles: &Tiles, may_create: bool, t: &Texts) -> Markup {
    html! {
        @if tiles.tiles.is_empty() {
            div class="card" {
                (part::empty(t.t("extensions-empty"), &html! {
                    @if may_create {
                        (part::button_link("/extensions/new", Icon::Plus, t.t("extension-new")))
                    }
                }))
            }
        } @else {
            ul class="tiles" { @for entry in &tiles.tiles { li { (tile(entry, t)) } } }
            @if tiles.more > 0 {
                p class="more" { a href="/extensions" { (t.t_count("tiles-more", tiles.more)) } }
            }
        }
    }
}

fn tile(tile: &Tile, t: &Texts) -> Markup {
    html! {
        a id={ "tile-" (tile.number) } class={ "tile strip " (tile.state.tone()) }
            href=(url::extension(&tile.number, ""))
        {
            span class="tile-head" {
                span class="number" { (tile.number) }
                span class="tile-name" { (tile.name) }
            }
            span class="tile-line" {
                (state::phone(tile.state, t))
                @if let Some(peer) = &tile.peer { " " span class="number" { (peer) } }
                @if let Some(since) = tile.since {
                    " "
                    @match tile.state {
                        PhoneState::Talking | PhoneState::Ringing => (state::counting(since, t)),
                        _ => span class="muted" { (t.since(since)) },
                    }
                }
            }
            @if !tile.dids.is_empty() {
                span class="tile-dids" {
                    @for own in tile.dids.iter().take(SHOWN_DIDS) { (did::marked(own, t)) }
                    @if tile.dids.len() > SHOWN_DIDS {
                        span class="chip" { "+" (t.number((tile.dids.len() - SHOWN_DIDS) as u64)) }
                    }
                }
            }
        }
    }
}

/// Has the own phone call a number. Not in a part that is refreshed: nobody's typing is taken away.
pub(super) fn dial(t: &Texts) -> Markup {
    html! {
        form class="dial" method="post" action="/calls/new" {
            input type="hidden" name="next" value="/";
            label for="dial-number" { (t.t("dial-label")) }
            input id="dial-number" type="tel" name="number" required maxlength="40" autocomplete="off"
                placeholder=(t.t("dial-placeholder"));
            button type="submit" class="button" { (icon(Icon::Phone)) span { (t.t("dial")) } }
        }
    }
}

/// The calls in progress.
pub(super) fn calls_now(calls: &Live<Vec<CallNow>>, t: &Texts) -> Markup {
    let card = Refresh {
        id: "calls-now",
        class: "card",
        url: "/fragments/calls-now",
        trigger: "sse:calls, sse:system",
    };
    refreshing_with(
        Some("call-count"),
        &card,
        &html! {
            div class="section-head" {
                h2 id="calls-now-title" { (t.t("card-calls-now")) }
                @if let Live::Known(calls) = calls { span class="chip" { (t.number(calls.len() as u64)) } }
            }
            @match calls {
                Live::Known(calls) if calls.is_empty() => p class="quiet" { (t.t("calls-now-empty")) },
                Live::Known(calls) => ul class="calls" { @for call in calls { (call_now(call, t)) } },
                Live::Unknown { since } => (state::unknown(*since, t)),
            }
        },
    )
}

fn call_now(call: &CallNow, t: &Texts) -> Markup {
    let key = call.id.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let (tone, picture, words) = match call.state {
        CallState::Dialing => ("tone-none", Icon::Clock, "call-dialing"),
        CallState::Ringing => ("tone-warn", Icon::Bell, "state-ringing"),
        CallState::Talking => ("tone-busy", Icon::Phone, "state-talking"),
    };
    html! {
        li id={ "call-" (key) } {
            span class="between" {
                (calls::direction(call.direction, t))
                (state::party(&call.from)) " "
                span class="arrow" aria-label=(t.t("calls-to")) { "→" } " "
                (state::party(&call.to))
            }
            span class="call-end" {
                (state::dot(tone, picture, t.t(words))) (state::counting(call.since, t))
                @if call.may_end { (end(call, &key, t)) }
            }
        }
    }
}

fn end(call: &CallNow, key: &str, t: &Texts) -> Markup {
    let action = format!("/calls/{}/end", url::escape(&call.id));
    let label = format!(
        "{}: {} → {}",
        t.t("call-end"),
        call.from.number,
        call.to.number
    );
    html! {
        // Sent by the browser itself: the list follows often before the answer, and replaces this form, which would take
        // a request of its own along.
        form method="post" action=(action) {
            button id={ "end-" (key) } type="submit" class="button small danger" aria-label=(label) {
                (icon(Icon::PhoneOff)) span { (t.t("call-end")) }
            }
        }
    }
}

/// The calls that ended last.
pub(super) fn last_calls(calls: Option<&[LastCall]>, t: &Texts) -> Markup {
    let card = Refresh {
        id: "last-calls",
        class: "card",
        url: "/fragments/last-calls",
        trigger: "sse:cdr, sse:system",
    };
    refreshing_with(
        Some("calls-today"),
        &card,
        &html! {
            div class="section-head" {
                h2 id="last-calls-title" { (t.t("card-last-calls")) }
                a class="button small" href="/calls" { (t.t("all-calls")) }
            }
            @match calls {
                Some([]) => p class="quiet" { (t.t("calls-empty")) },
                Some(calls) => ul class="calls" { @for call in calls { li { (last_call(call, t)) } } },
                None => (state::without_database(t)),
            }
        },
    )
}

fn last_call(call: &LastCall, t: &Texts) -> Markup {
    html! {
        span class="between" {
            (calls::direction(call.direction, t))
            (state::party(&call.from)) " "
            span class="arrow" aria-label=(t.t("calls-to")) { "→" } " "
            (state::party(&call.to))
        }
        span class="call-end" {
            (calls::outcome(call.outcome, t))
            span class="muted" { (state::moment(call.start, t)) }
            span class="count" { (t.clock(call.seconds)) }
        }
    }
}
