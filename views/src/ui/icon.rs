//! Our drawings: 24 by 24, one stroke, the colour of the text around them.

use maud::{Markup, html};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Alert,
    ArrowDown,
    ArrowUp,
    Ban,
    Bell,
    Check,
    Chevron,
    Circle,
    Clock,
    Copy,
    Cross,
    Eye,
    Incoming,
    Internal,
    Key,
    Menu,
    Outgoing,
    Pencil,
    Phone,
    PhoneOff,
    Plus,
    Question,
    Search,
    Slash,
    Trash,
    Undo,
    User,
}

const HANDSET: &str = "M7 4h3l1.6 4.2-2 1.5a11 11 0 0 0 4.7 4.7l1.5-2L20 14v3a3 3 0 0 1-3.2 3A13.6 13.6 0 0 1 4 7.2 3 3 0 0 1 7 4Z";

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.4v.1",
            Self::ArrowDown => "M12 5v14m-6-6 6 6 6-6",
            Self::ArrowUp => "M12 19V5m-6 6 6-6 6 6",
            Self::Ban => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM8 12h8",
            Self::Bell => "M6 16v-5a6 6 0 1 1 12 0v5l1.5 2h-15L6 16Zm4 5h4",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Chevron => "m6 9.5 6 6 6-6",
            Self::Circle => "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm-3 7.2 2.2 2.2 4-4.4",
            Self::Clock => "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Zm0 3.7V12l2.6 1.8",
            Self::Copy => "M9 9h10v11H9V9Zm6-3V4H5v11h2",
            Self::Cross => "m6 6 12 12M18 6 6 18",
            Self::Eye => {
                "M2.5 12s3.5-6.5 9.5-6.5S21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z"
            }
            Self::Incoming => "M18 6 7 17m0-8v8h8",
            Self::Internal => "M4 9h14m-4-4 4 4-4 4M20 16H7m3.5 3.5L7 16l3.5-3.5",
            Self::Key => {
                "M14.5 3.5a6 6 0 0 0-5.7 7.8L3.5 16.6v3.9h3.9v-2.5h2.5v-2.5l1.9-1.9a6 6 0 1 0 2.7-10.1Zm1.5 4.4v.1"
            }
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Outgoing => "m6 18 11-11M9 7h8v8",
            Self::Pencil => "m4 20 1-4.5L16.5 4 20 7.5 8.5 19 4 20Zm10-13.5L17.5 10",
            Self::Phone => HANDSET,
            Self::PhoneOff => {
                "m4 4 16 16M7.6 4H10l1.6 4.2-2 1.5c.3.6.6 1.1 1 1.6m2 2.1c.5.4 1.1.7 1.7 1l1.5-2L20 14v2.4M16.8 20A13.6 13.6 0 0 1 4 7.2"
            }
            Self::Plus => "M12 5v14M5 12h14",
            Self::Question => {
                "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.5m0 3v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z"
            }
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.8 11.3L20 20",
            Self::Slash => "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM6.8 6.8l10.4 10.4",
            Self::Trash => "M4 7h16M9.5 7V4h5v3m3 0-.8 13H7.3L6.5 7M10 11v5m4-5v5",
            Self::Undo => "M8.5 5 4.5 9l4 4M5 9h9a5.5 5.5 0 0 1 0 11h-4",
            Self::User => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20a7.5 7.5 0 0 1 15 0",
        }
    }
}

/// A drawing beside a text that says the same.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" aria-hidden="true" { path d=(icon.path()) {} }
    }
}

/// A drawing that stands alone: its meaning is read aloud.
pub fn labelled(icon: Icon, label: &str) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" role="img" aria-label=(label) {
            title { (label) }
            path d=(icon.path()) {}
        }
    }
}

/// The picture of an empty place: a quiet telephone on a desk.
pub fn drawing() -> Markup {
    html! {
        svg class="drawing" viewBox="0 0 160 96" aria-hidden="true" {
            path class="drawing-soft" d="M10 82h140M34 82V52l14-14h64l14 14v30Z" {}
            path d="M34 82V52l14-14h64l14 14v30M44 38c-6-2-8-14 2-18 10-5 58-5 68 0 10 4 8 16 2 18l-16-4c-3-1-3-6-6-7H66c-3 1-3 6-6 7l-16 4Z" {}
            path d="M66 54h.1M80 54h.1M94 54h.1M66 64h.1M80 64h.1M94 64h.1M66 74h.1M80 74h.1M94 74h.1" {}
        }
    }
}
