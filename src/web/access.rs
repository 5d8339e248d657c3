//! Every route together with who may use it: a route cannot be added without saying so. What it says is checked before
//! the handler runs; a use case checks again for the very object it touches.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};

use super::auth::By;
use super::failure::Failure;
use super::{Site, auth, metrics};
use crate::app::Error;
use crate::domain::{Act, ExtNumber, policy};

/// Who may use a route.
#[derive(Debug, Clone)]
pub enum Access {
    /// Anyone: the handler says by itself what a stranger sees.
    Open,
    /// Whoever shows a token as only this route takes it; the handler checks it, and then what may be seen.
    ByToken,
    /// Whoever is logged in, also with a password that must be changed first.
    LoggedIn,
    /// Whoever may do this.
    Act(Act),
    /// Whoever may do this to the extension that the path names first.
    Of(fn(ExtNumber) -> Act),
    /// Whoever may do this to the extension of the thing that is named; the use case looks up whose it is.
    Object(fn(ExtNumber) -> Act),
}

impl From<Act> for Access {
    fn from(act: Act) -> Self {
        Self::Act(act)
    }
}

pub fn of(act: fn(ExtNumber) -> Act) -> Access {
    Access::Of(act)
}

pub fn whose(act: fn(ExtNumber) -> Act) -> Access {
    Access::Object(act)
}

/// One way to call the server.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: Method,
    /// As it is matched: `/api/peers/{id}`.
    pub path: String,
    pub access: Access,
}

impl Route {
    /// Programs show a token or a key there; everywhere else a browser shows its cookie.
    pub fn is_for_programs(&self) -> bool {
        is_for_programs(&self.path)
    }
}

fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == metrics::PATH
}

/// One that a route of ours may have.
pub fn is_method(method: &Method) -> bool {
    MethodFilter::try_from(method.clone()).is_ok()
}

/// Handlers under their paths, each with its access.
#[must_use]
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<Site>,
    known: Vec<Route>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get<H, T>(self, path: &str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.on(Method::GET, path, access.into(), handler)
    }

    pub fn post<H, T>(self, path: &str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.on(Method::POST, path, access.into(), handler)
    }

    pub fn put<H, T>(self, path: &str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.on(Method::PUT, path, access.into(), handler)
    }

    pub fn patch<H, T>(self, path: &str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.on(Method::PATCH, path, access.into(), handler)
    }

    pub fn delete<H, T>(self, path: &str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        self.on(Method::DELETE, path, access.into(), handler)
    }

    fn on<H, T>(mut self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("one of the five above");
        self.router = self.router.route(path, on(filter, handler));
        self.known.push(Route {
            method,
            path: path.to_owned(),
            access,
        });
        self
    }

    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.known.extend(other.known);
        self
    }

    /// For routes that are nested: their paths as they are asked for.
    pub fn listed_below(mut self, prefix: &str) -> Self {
        for route in &mut self.known {
            let below = route.path.trim_end_matches('/');
            route.path = format!("{prefix}{below}");
        }
        self
    }

    pub fn into_list(self) -> Vec<Route> {
        self.known
    }

    /// The router that lets nobody through who may not.
    pub fn guarded(self, site: &Site) -> Router<Site> {
        let mut known: HashMap<String, HashMap<Method, Access>> = HashMap::new();
        for route in self.known {
            let methods = known.entry(route.path).or_default();
            methods.insert(route.method, route.access);
        }
        let guard = Guard {
            site: site.clone(),
            known: Arc::new(known),
        };
        self.router.layer(from_fn_with_state(guard, check))
    }
}

/// What is checked before a handler runs.
#[derive(Debug, Clone)]
struct Guard {
    site: Site,
    known: Arc<HashMap<String, HashMap<Method, Access>>>,
}

impl Guard {
    /// Whether this one gets in. What is not asked of a handler at all, the router answers by itself.
    async fn admit(&self, parts: &mut Parts) -> Result<(), Error> {
        let Some(path) = parts.extensions.get::<MatchedPath>().cloned() else {
            return Ok(());
        };
        // A path that is matched but not listed is one that nobody thought about.
        let methods = self.known.get(path.as_str()).ok_or(Error::Forbidden)?;
        let asked = match &parts.method {
            method if *method == Method::HEAD => &Method::GET,
            method => method,
        };
        let access = match methods.get(asked) {
            None | Some(Access::Open | Access::ByToken) => return Ok(()),
            Some(access) => access,
        };
        let by = if is_for_programs(path.as_str()) {
            By::Bearer
        } else {
            By::Cookie
        };
        let (actor, _) = auth::whoever(parts, &self.site, by).await?;
        match wanted(access, parts).await {
            Some(act) if !policy::may(&actor, &act) => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }
}

/// Refuses whoever may not use the route.
async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match guard.admit(&mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => Failure::from(error).into_response(),
    }
}

/// What is asked for, as far as the path alone can tell.
async fn wanted(access: &Access, parts: &mut Parts) -> Option<Act> {
    match access {
        Access::Open | Access::ByToken | Access::LoggedIn | Access::Object(_) => None,
        Access::Act(act) => Some(act.clone()),
        Access::Of(act) => {
            let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
            // What is no number is nobody's; the handler says what is wrong with it.
            let number = ExtNumber::parse(params.iter().next()?.1).ok()?;
            Some(act(number))
        }
    }
}
