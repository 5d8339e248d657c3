//! Every route the server has, and who gets in. The list is the server's own: a route that is not in it does not exist.

use std::collections::HashSet;

use gonopbx::domain::act::Rule;
use gonopbx::domain::{Act, ExtNumber};
use gonopbx::web::access::{Access, Route};
use gonopbx::web::routes;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::json;

use crate::support::{Pbx, pbx};

/// The path with its first parameter filled in with this, and others with something nobody has.
fn filled(path: &str, first: &str) -> String {
    let mut values = std::iter::once(first).chain(std::iter::repeat("999999"));
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            values.next().unwrap_or_default()
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Asks for it as nobody, or with a token; the status, and where it leads. The body is not waited for: a stream has none.
async fn asked(pbx: &Pbx, route: &Route, first: &str, token: Option<&str>) -> (u16, String) {
    let client = Client::builder()
        .redirect(Policy::none())
        .local_address(crate::support::client::own_address())
        .build()
        .expect("a client");
    let url = format!("{}{}", pbx.url(), filled(&route.path, first));
    let is_api = route.is_for_programs();
    let mut request = client.request(route.method.clone(), url);
    match (token, is_api) {
        (Some(token), true) => request = request.bearer_auth(token),
        (Some(token), false) => {
            request = request.header("cookie", format!("gonopbx_session={token}"));
        }
        (None, _) => {}
    }
    if !is_api {
        request = request.header("accept", "text/html");
    }
    if route.method != Method::GET {
        request = if is_api {
            request.json(&json!({}))
        } else {
            request.form(&[("x", "y")])
        };
    }
    let response = request.send().await.expect("an answer");
    let location = response.headers().get("location");
    let location = location.and_then(|l| l.to_str().ok()).unwrap_or_default();
    (response.status().as_u16(), location.to_owned())
}

fn may(act: &Act, own: bool) -> bool {
    act.rule() == Rule::Everyone || act.rule() == Rule::Own && own
}

#[test]
fn no_route_is_there_twice() {
    let mut seen = HashSet::new();
    for route in routes() {
        let name = format!("{} {}", route.method, route.path);
        assert!(seen.insert(name.clone()), "{name}");
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn only_these_are_open_to_strangers() {
    let open: Vec<String> = routes()
        .into_iter()
        .filter(|route| matches!(route.access, Access::Open))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    insta::assert_snapshot!(open.join("\n"), @r"
    GET /login
    POST /login
    GET /login/code
    POST /login/code
    POST /language
    GET /
    POST /api/auth/login
    GET /api
    GET /api/health
    GET /api/openapi.json
    GET /static/{mark}/{*name}
    ");
}

#[tokio::test]
async fn the_anonymous_get_nowhere_but_to_the_login() {
    let pbx = pbx().await;
    let ada = pbx.ext().create().await;
    let mut faults = Vec::new();
    for route in routes() {
        if matches!(route.access, Access::Open) {
            continue;
        }
        let (status, location) = asked(&pbx, &route, &ada.number, None).await;
        let refused = if route.path == "/ws" {
            // As the original answers it, whatever is wrong.
            status == 403
        } else if route.is_for_programs() || route.path == "/events" {
            status == 401
        } else {
            status == 303 && location.starts_with("/login")
        };
        if !refused {
            faults.push(format!(
                "{} {}: {status} {location}",
                route.method, route.path
            ));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn a_user_gets_in_exactly_where_the_table_says() {
    let pbx = pbx().await;
    let (own, foreign) = (pbx.ext().create().await, pbx.ext().create().await);
    let eva = pbx.person("user").await;
    let admin = pbx.admin().await;
    let user = json!({"user_id": eva.id});
    admin
        .patch(&format!("{}/user", own.path()), &user)
        .await
        .expect(200);
    let token = eva.api.token();
    let mut faults = Vec::new();
    for route in routes() {
        // What is named first in the path, and whether the user may do it there.
        let tries: Vec<(&str, Option<bool>)> = match &route.access {
            Access::Open | Access::ByToken | Access::LoggedIn => continue,
            Access::Act(act) => vec![("999999", Some(may(act, true)))],
            Access::Of(act) => {
                let act = act(ExtNumber::parse(&own.number).expect("legal"));
                vec![
                    (&own.number, Some(may(&act, true))),
                    (&foreign.number, Some(may(&act, false))),
                ]
            }
            Access::Object(_) => vec![("999999", None)],
        };
        for (first, may) in tries {
            let (status, _) = asked(&pbx, &route, first, Some(&token)).await;
            let as_told = match may {
                Some(true) => status != 401 && status != 403 && status < 500,
                Some(false) => status == 403,
                // Nobody has what is named, so that nothing is done; a form says so on the page it came from.
                None => [303, 400, 403, 404, 422].contains(&status),
            };
            if !as_told {
                let what = filled(&route.path, first);
                faults.push(format!("{} {what}: {status}, may: {may:?}", route.method));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let kept = admin.get(&own.path()).await.expect(200);
    assert_eq!(kept["enabled"], true, "{kept}");
    admin.get(&foreign.path()).await.expect(200);
}
