//! Who looks at a page, and how: language, colours, the message about what was just done.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use views::{Flash, FlashKind, Lang, Page, Texts, Theme, Who};

use super::super::auth;
use super::super::failure::Failure;
use super::Site;
use crate::domain::secret::hex;
use crate::domain::user::User;
use crate::domain::{Actor, Role};

const FLASH: &str = "gonopbx_flash";
const LANGUAGE: &str = "gonopbx_language";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How an answer looks to whoever asked, logged in or not.
#[derive(Debug)]
pub struct Look {
    pub texts: Texts,
    user: Option<Who>,
    path: String,
    theme: Theme,
    flash: Option<Flash>,
    /// For the badge.
    pub new_messages: u64,
    /// The name under which the person reached us.
    pub host: Option<String>,
    /// When the request came: whatever is read for the answer is read later.
    pub moment: u64,
}

impl Look {
    pub async fn of(parts: &Parts, site: &Site) -> Self {
        let Ok((actor, user)) = auth::cookie_user(parts, site).await else {
            return Self::new(parts, site, None);
        };
        let look = Self::new(parts, site, Some(&user));
        Self {
            new_messages: new_messages(site, &actor).await,
            ..look
        }
    }

    fn new(parts: &Parts, site: &Site, user: Option<&User>) -> Self {
        let jar = CookieJar::from_headers(&parts.headers);
        let lang = user
            .and_then(|user| user.language.as_deref())
            .or_else(|| jar.get(LANGUAGE).map(Cookie::value))
            .and_then(Lang::find)
            .unwrap_or_else(|| site.language_of(&parts.headers));
        Self {
            texts: Texts::new(lang, site.timezone, site.app.clock().now()),
            user: user.map(|user| Who {
                name: user.username.clone(),
                is_admin: user.role == Role::Admin,
            }),
            path: parts
                .uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            theme: jar
                .get("theme")
                .map_or(Theme::System, |cookie| Theme::named(cookie.value())),
            new_messages: 0,
            flash: jar.get(FLASH).and_then(|cookie| read_flash(cookie.value())),
            host: parts
                .headers
                .get(header::HOST)
                .and_then(|host| host.to_str().ok())
                .map(str::to_owned),
            moment: site.app.hub().moment(),
        }
    }

    pub fn page<'a>(&'a self, site: &'a Site) -> Page<'a> {
        self.page_with(site, self.flash.clone())
    }

    /// With another message than the one that came along.
    pub fn page_with<'a>(&'a self, site: &'a Site, flash: Option<Flash>) -> Page<'a> {
        Page {
            user: self.user.clone(),
            new_messages: self.new_messages,
            flash,
            assets: &site.assets,
            version: VERSION,
            texts: &self.texts,
            path: self.path.clone(),
            theme: self.theme,
            moment: self.moment,
        }
    }

    /// A page that shows the message that came along, once.
    pub fn answer(&self, view: views::Markup) -> Response {
        if self.flash.is_some() {
            (CookieJar::new().add(gone(FLASH)), view).into_response()
        } else {
            view.into_response()
        }
    }
}

/// A part of a page has none, but for the badge itself.
fn has_badge(path: &str) -> bool {
    !path.starts_with("/fragments/") || path == "/fragments/new-messages"
}

/// A badge that cannot be told must not keep the page away.
async fn new_messages(site: &Site, actor: &Actor) -> u64 {
    if site.app.is_database_away() {
        return 0;
    }
    let count = site.app.new_messages(actor).await;
    count.map_or(0, i64::unsigned_abs)
}

/// Someone who is logged in, and has a password of their own.
#[derive(Debug)]
pub struct Viewer {
    pub actor: Actor,
    pub user: Arc<User>,
    pub look: Look,
}

impl FromRequestParts<Site> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let AnyViewer(viewer) = AnyViewer::from_request_parts(parts, site).await?;
        if viewer.user.must_change_password {
            return Err(Redirect::to("/password").into_response());
        }
        Ok(viewer)
    }
}

/// Someone who is logged in, also with a password that must be changed.
#[derive(Debug)]
pub struct AnyViewer(pub Viewer);

impl FromRequestParts<Site> for AnyViewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let (actor, user) = auth::whoever(parts, site, auth::By::Cookie)
            .await
            .map_err(|error| Failure::from(error).into_response())?;
        let look = Look::new(parts, site, Some(&user));
        let look = Look {
            new_messages: if has_badge(parts.uri.path()) {
                new_messages(site, &actor).await
            } else {
                0
            },
            ..look
        };
        Ok(Self(Viewer { actor, user, look }))
    }
}

/// Anyone.
#[derive(Debug)]
pub struct Guest(pub Look);

impl FromRequestParts<Site> for Guest {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Self::Rejection> {
        Ok(Self(Look::of(parts, site).await))
    }
}

/// Goes to a page that then says what was done.
pub fn redirect_with(path: &str, flash: &Flash) -> Response {
    (
        CookieJar::new().add(flash_cookie(flash)),
        Redirect::to(path),
    )
        .into_response()
}

pub fn language_cookie(lang: Lang) -> Cookie<'static> {
    let year = std::time::Duration::from_hours(24 * 365);
    Cookie::build((LANGUAGE, lang.code()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(year.try_into().unwrap_or_default())
        .build()
}

fn gone(name: &'static str) -> Cookie<'static> {
    let mut cookie = Cookie::build((name, "")).path("/").build();
    cookie.make_removal();
    cookie
}

/// A cookie holds little more than ASCII letters, so the text is in hex.
fn flash_cookie(flash: &Flash) -> Cookie<'static> {
    let kind = match flash.kind {
        FlashKind::Success => 's',
        FlashKind::Warning => 'w',
        FlashKind::Error => 'e',
    };
    let mut value = String::from(kind);
    let text = flash.text.as_bytes();
    value.push_str(&hex(&text[..text.len().min(1000)]));
    if let Some(tx) = &flash.undo {
        value.push('.');
        value.push_str(tx);
    }
    Cookie::build((FLASH, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

fn read_flash(value: &str) -> Option<Flash> {
    let (value, tx) = match value.split_once('.') {
        Some((value, tx)) => (value, Some(tx)),
        None => (value, None),
    };
    let undo = tx.filter(|tx| !tx.is_empty() && tx.bytes().all(|b| b.is_ascii_digit()));
    let (kind, hex) = value.split_at_checked(1)?;
    let kind = match kind {
        "s" => FlashKind::Success,
        "w" => FlashKind::Warning,
        "e" => FlashKind::Error,
        _ => return None,
    };
    let bytes: Option<Vec<u8>> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let text = String::from_utf8_lossy(&bytes?).into_owned();
    let undo = undo.map(str::to_owned);
    (!text.is_empty()).then_some(Flash { kind, text, undo })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_cookie() {
        let flash = Flash {
            kind: FlashKind::Warning,
            text: "Größe; \"ä\"\n".into(),
            undo: Some("4711".into()),
        };
        let read = read_flash(flash_cookie(&flash).value()).expect("readable");
        assert_eq!(
            (read.kind, read.text, read.undo),
            (flash.kind, flash.text, flash.undo)
        );
        for bad in ["", "s", "x00", "szz", "s0"] {
            assert!(read_flash(bad).is_none(), "{bad}");
        }
    }
}
