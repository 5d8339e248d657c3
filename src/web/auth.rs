//! Who a request comes from: a Bearer token under /api, the cookie everywhere else, never the other way round. A browser
//! sends the cookie by itself, so pages are guarded against other sites; a Bearer token is only sent by intent.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use chrono::{DateTime, Utc};

use super::Site;
use super::failure::Failure;
use crate::app::Error;
use crate::app::sessions::{LIFETIME, Origin};
use crate::domain::Actor;
use crate::domain::api_key::Scope;
use crate::domain::user::User;

/// Where a program shows its key.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub const COOKIE: &str = "gonopbx_session";
pub const STEP_COOKIE: &str = "gonopbx_login";

pub fn address(parts: &Parts) -> IpAddr {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(address)| {
            address.ip()
        })
}

/// Where a request came from, before anyone is logged in.
#[derive(Debug)]
pub struct From(pub Origin);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self(Origin {
            address: address(parts),
            user_agent: agent.unwrap_or_default().to_owned(),
        }))
    }
}

/// What stands in the header of a program that is logged in.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The caller of the API. One who must change the password can do nothing else.
#[derive(Debug)]
pub struct Bearer(pub Actor);

/// The same, for the few calls that are open before the password is changed.
#[derive(Debug)]
pub struct AnyBearer(pub Actor, pub Arc<User>);

impl FromRequestParts<Site> for AnyBearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        let (actor, user) = whoever(parts, site, By::Bearer).await?;
        Ok(Self(actor, user))
    }
}

impl FromRequestParts<Site> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        let AnyBearer(actor, user) = AnyBearer::from_request_parts(parts, site).await?;
        if user.must_change_password {
            Err(Error::Forbidden.into())
        } else {
            Ok(Self(actor))
        }
    }
}

/// Who a request comes from: found out once, and kept with the request.
#[derive(Debug, Clone)]
struct Known(By, Actor, Arc<User>);

/// By which proof somebody is known: a Bearer token, or the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Bearer,
    Cookie,
}

pub async fn whoever(parts: &mut Parts, site: &Site, by: By) -> Result<(Actor, Arc<User>), Error> {
    if let Some(Known(known_by, actor, user)) = parts.extensions.get()
        && *known_by == by
    {
        return Ok((actor.clone(), Arc::clone(user)));
    }
    let (actor, user) = match by {
        By::Bearer => bearer_user(parts, site).await?,
        By::Cookie => cookie_user(parts, site).await?,
    };
    parts
        .extensions
        .insert(Known(by, actor.clone(), Arc::clone(&user)));
    Ok((actor, user))
}

async fn bearer_user(parts: &Parts, site: &Site) -> Result<(Actor, Arc<User>), Error> {
    if let Some(token) = bearer_token(&parts.headers) {
        return site.app.authenticate(token, address(parts)).await;
    }
    let key = api_key(&parts.headers).ok_or(Error::Unauthenticated)?;
    let path = parts.extensions.get::<MatchedPath>();
    let path = path.map_or(parts.uri.path(), MatchedPath::as_str);
    key_user(key, parts, site, Scope::needed(parts.method.as_str(), path)).await
}

/// Who a key acts for, when it may do what needs this scope; None: no key may.
pub async fn key_user(
    key: &str,
    parts: &Parts,
    site: &Site,
    needed: Option<Scope>,
) -> Result<(Actor, Arc<User>), Error> {
    let (actor, user) = site.app.authenticate_key(key, address(parts)).await?;
    let scopes = actor.key.as_ref().map(|key| &key.scopes);
    let may = needed.is_some_and(|needed| scopes.is_some_and(|scopes| scopes.contains(&needed)));
    if may {
        Ok((actor, user))
    } else {
        Err(Error::ScopeMissing)
    }
}

/// The key of a program.
pub fn api_key(headers: &HeaderMap) -> Option<&str> {
    headers.get(API_KEY)?.to_str().ok().map(str::trim)
}

/// Who looks at a page, if anyone is logged in.
pub async fn cookie_user(parts: &Parts, site: &Site) -> Result<(Actor, Arc<User>), Error> {
    let jar = CookieJar::from_headers(&parts.headers);
    let token = jar.get(COOKIE).ok_or(Error::Unauthenticated)?;
    site.app.authenticate(token.value(), address(parts)).await
}

/// When the session of whoever looks at a page ends by itself.
pub fn cookie_expires(parts: &Parts, site: &Site) -> Option<DateTime<Utc>> {
    let jar = CookieJar::from_headers(&parts.headers);
    site.app.expires_at(jar.get(COOKIE)?.value())
}

pub fn session_cookie(site: &Site, token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.secure_cookies)
        .max_age(
            LIFETIME
                .to_std()
                .unwrap_or_default()
                .try_into()
                .unwrap_or_default(),
        )
        .build()
}

pub fn no_session_cookie() -> Cookie<'static> {
    Cookie::build((COOKIE, "")).path("/").build()
}

/// What a browser shows between the two steps of a login.
pub fn step_cookie(site: &Site, token: String) -> Cookie<'static> {
    Cookie::build((STEP_COOKIE, token))
        .path("/login")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(site.secure_cookies)
        .build()
}

pub fn no_step_cookie() -> Cookie<'static> {
    let mut gone = Cookie::build((STEP_COOKIE, "")).path("/login").build();
    gone.make_removal();
    gone
}
