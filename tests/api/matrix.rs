//! Two people of role `user`: whatever one opens, by page or by call, in a list, by id, as export or by search, holds nothing
//! of the other. The list of ways is the server's own. That a socket tells nothing of others' calls is in `live`.

use gonopbx::web::access::{Access, Route};
use gonopbx::web::routes;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::live::ends::Stream;
use crate::support::client::own_address;
use crate::support::listener::Listener;
use crate::support::pbx::Person;
use crate::support::poll::{PATIENCE, eventually};
use crate::support::{Extension, Pbx, pbx};

/// Somebody with an extension, a mailbox with a message, a forward and a call; `mark` is in all of it and nowhere else.
struct Owner {
    person: Person,
    extension: Extension,
    mark: String,
    message: String,
    forward: String,
}

async fn owner(pbx: &Pbx) -> Owner {
    let admin = pbx.admin().await;
    let (person, extension) = (pbx.person("user").await, pbx.ext().create().await);
    let number = extension.number.clone();
    let mark = format!("77{number}{number}");
    let give = format!("/api/users/{}/extension", person.id);
    admin
        .patch(&give, &json!({"extension": number}))
        .await
        .expect(200);
    let mailbox = json!({"email": format!("m{mark}@example.com")});
    admin
        .put(&format!("/api/voicemail/mailbox/{number}"), &mailbox)
        .await
        .expect(200);
    pbx.owner().await.add_message(&number, &mark).await;
    let messages = format!("/api/voicemail/?mailbox={number}");
    let messages = admin.get(&messages).await.expect(200);
    let forward = json!({"extension": number, "forward_type": "busy", "destination": format!("0{mark}"), "enabled": false});
    let forward = admin.post("/api/callforward/", &forward).await.expect(200);
    pbx.asterisk().await.does(&format!(
        "insert into cdr (src, dst, dcontext, clid, channel, dstchannel, lastapp, start, \"end\", duration, billsec, disposition,
                          uniqueid, linkedid, sequence)
         values ('0{mark}', '{number}', 'internal', '\"{mark}\" <0{mark}>', 'PJSIP/{number}-{mark}', '', 'Dial',
                 now() at time zone 'UTC', now() at time zone 'UTC', 5, 3, 'ANSWERED', '{mark}.1', '{mark}.1', 1)"
    ));
    Owner {
        message: messages[0]["id"].to_string(),
        forward: forward["id"].to_string(),
        person,
        extension,
        mark,
    }
}

enum With {
    Token(String),
    /// For programs alone: no page takes it.
    Key(String),
}

struct Asking<'a> {
    pbx: &'a Pbx,
    with: With,
}

impl Asking<'_> {
    async fn ask(&self, method: &Method, path: &str) -> (u16, String) {
        let client = Client::builder()
            .redirect(Policy::none())
            .local_address(own_address())
            .build()
            .expect("a client");
        let request = client.request(method.clone(), format!("{}{path}", self.pbx.url()));
        let mut request = match &self.with {
            With::Key(key) => request.header("x-api-key", key),
            With::Token(token) if path.starts_with("/api/") || path == "/metrics" => {
                request.bearer_auth(token)
            }
            With::Token(token) => request
                .header("cookie", format!("gonopbx_session={token}"))
                .header("accept", "text/html"),
        };
        if *method != Method::GET {
            request = if path.starts_with("/api/") {
                request.json(&json!({}))
            } else {
                request.form(&[("x", "y")])
            };
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let body = response.bytes().await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

/// Every way that shows something and names nothing, and some that search for what is another's.
fn lists(own: &str, foreign: &Owner) -> Vec<String> {
    let mut paths: Vec<String> = routes()
        .into_iter()
        .filter(|route| route.method == Method::GET && !["/events", "/ws"].contains(&&*route.path))
        .filter_map(|route| match route.access {
            Access::Of(_) => {
                let (before, rest) = route.path.split_once('{')?;
                let (_, after) = rest.split_once('}')?;
                Some(format!("{before}{own}{after}"))
            }
            _ if route.path.contains('{') => None,
            _ => Some(route.path),
        })
        .collect();
    let (mark, number) = (&foreign.mark, &foreign.extension.number);
    paths.extend(
        [
            format!("/api/cdr/?src=0{mark}"),
            format!("/api/cdr/?extension={number}"),
            format!("/api/cdr/export?extension={number}"),
            "/api/cdr/recent?limit=500".to_owned(),
            format!("/calls?q={mark}"),
            format!("/calls?extension={number}"),
            format!("/calls/export?extension={number}"),
            format!("/calls/statistics?extension={number}"),
            format!("/api/voicemail/?mailbox={number}"),
            format!("/voicemail?mailbox={number}"),
            format!("/voicemail?mailbox={number}&deleted={}", foreign.message),
            format!("/api/peers/?q={number}"),
            format!("/extensions?q={number}"),
            format!("/api/audit/?object={number}"),
            format!("/changes?object={number}"),
        ]
        .map(String::from),
    );
    paths
}

/// Every way to a thing by its own id.
fn things(foreign: &Owner) -> Vec<(Method, String)> {
    let of = |route: Route| {
        let is_thing = matches!(route.access, Access::Object(_) | Access::ByToken);
        let id = if route.path.contains("voicemail") {
            &foreign.message
        } else if route.path.contains("callforward") {
            &foreign.forward
        } else {
            return None;
        };
        let (before, rest) = route.path.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        is_thing.then(|| (route.method, format!("{before}{id}{after}")))
    };
    routes().into_iter().filter_map(of).collect()
}

/// What only the searched word itself brings back is no find: a page shows what was searched for.
fn without_question(body: &str, path: &str, mark: &str) -> String {
    if path.contains(mark) {
        body.replace(&format!("value=\"{mark}\""), "")
            .replace(&format!("q={mark}"), "")
    } else {
        body.to_owned()
    }
}

#[tokio::test]
async fn nothing_of_another_is_in_any_list_page_export_search_or_thing() {
    let pbx = pbx().await;
    let (eva, tom) = (owner(&pbx).await, owner(&pbx).await);
    let asking = Asking {
        pbx: &pbx,
        with: With::Token(eva.person.api.token()),
    };
    let admin = Asking {
        pbx: &pbx,
        with: With::Token(pbx.admin().await.token()),
    };
    let (mut leaks, mut own, mut for_admin) = (Vec::new(), 0, 0);
    for path in lists(&eva.extension.number, &tom) {
        let (status, body) = asking.ask(&Method::GET, &path).await;
        assert!(status < 500, "{path}: {status}");
        own += usize::from(body.contains(&eva.mark));
        if without_question(&body, &path, &tom.mark).contains(&tom.mark) {
            leaks.push(format!("GET {path}"));
        }
        let (_, body) = admin.ask(&Method::GET, &path).await;
        for_admin += usize::from(without_question(&body, &path, &tom.mark).contains(&tom.mark));
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    // Else the search above would find nothing anywhere.
    assert!(own >= 8, "the own things are in {own} places only");
    assert!(
        for_admin >= 8,
        "an admin sees it in {for_admin} places only"
    );

    let before = kept(&pbx, &tom).await;
    let things = things(&tom);
    assert!(things.len() >= 14, "{things:?}");
    for (method, path) in &things {
        let (status, body) = asking.ask(method, path).await;
        if ![401, 403, 404].contains(&status) || body.contains(&tom.mark) {
            leaks.push(format!("{method} {path}: {status}"));
        }
    }
    let number = &tom.extension.number;
    for body in [
        json!({"extension": number, "forward_type": "unconditional", "destination": "0421555", "enabled": true}),
        json!({"extension": number, "number": "*43"}),
    ] {
        for path in ["/api/callforward/", "/api/calls/originate"] {
            let answer = eva.person.api.post(path, &body).await;
            if ![400, 403, 404, 422].contains(&answer.status) {
                leaks.push(format!("POST {path}: {}", answer.text));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert_eq!(kept(&pbx, &tom).await, before, "nothing was changed");
    // And what is one's own is open.
    let own = format!("/api/voicemail/{}/audio", eva.message);
    assert_eq!(asking.ask(&Method::GET, &own).await.0, 200);
}

/// A key with every scope, of somebody who was an administrator when it was made and has now the extension.
async fn key_of(pbx: &Pbx, own: &Owner) -> String {
    let person = pbx.person("admin").await;
    let draft = json!({"name": format!("Matrix {}", own.mark), "scopes": ["read", "write", "calls", "users"]});
    let made = person.api.post("/api/keys", &draft).await.expect(200);
    let admin = pbx.admin().await;
    let path = format!("/api/users/{}", person.id);
    let role = json!({"role": "user"});
    admin.put(&path, &role).await.expect(200);
    let give = json!({"extension": own.extension.number});
    let path = format!("{path}/extension");
    admin.patch(&path, &give).await.expect(200);
    made["key"].as_str().expect("shown once").to_owned()
}

#[tokio::test]
async fn an_api_key_shows_and_changes_nothing_of_another_either() {
    let pbx = pbx().await;
    let (eva, tom) = (owner(&pbx).await, owner(&pbx).await);
    let key = key_of(&pbx, &eva).await;
    let asking = Asking {
        pbx: &pbx,
        with: With::Key(key.clone()),
    };
    let (mut leaks, mut own) = (Vec::new(), 0);
    for path in lists(&eva.extension.number, &tom) {
        let (status, body) = asking.ask(&Method::GET, &path).await;
        assert!(status < 500, "{path}: {status}");
        let is_open = status == 200 && !path.starts_with("/api/");
        if is_open && body.contains(&eva.mark) || body.contains(&tom.mark) {
            leaks.push(format!("GET {path}"));
        }
        own += usize::from(body.contains(&eva.mark));
    }
    assert!(own >= 4, "the own things are in {own} places only");
    let before = kept(&pbx, &tom).await;
    for (method, path) in things(&tom) {
        let (status, body) = asking.ask(&method, &path).await;
        if ![302, 303, 401, 403, 404].contains(&status) || body.contains(&tom.mark) {
            leaks.push(format!("{method} {path}: {status}"));
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert_eq!(kept(&pbx, &tom).await, before, "nothing was changed");

    // Nor by a socket: a call of the other is none for the key, nor for the person.
    let number = tom.extension.number.as_str();
    let phone = tom.extension.phone().await;
    let mut out = phone.dial("*43").await;
    out.is_answered().await;
    let admin = pbx.admin().await;
    eventually("the call is known", || async {
        let calls = admin.get("/api/calls/active").await.expect(200);
        calls["calls"].to_string().contains(number).then_some(())
    })
    .await;
    let (person, admin) = (eva.person.api.token(), admin.token());
    for (header, value, sees) in [
        ("x-api-key", key, false),
        ("authorization", format!("Bearer {person}"), false),
        ("authorization", format!("Bearer {admin}"), true),
    ] {
        let socket = Listener::try_open(pbx.url(), "/ws", &[(header, &value)]).await;
        let mut socket = socket.expect("a connection");
        let is_list = |frame: &Value| frame["type"] == "active_calls";
        let calls = socket.hears("the calls", PATIENCE, is_list).await;
        assert_eq!(
            calls["active_calls"].to_string().contains(number),
            sees,
            "{header}: {calls}"
        );
    }
    out.hang_up().await;
}

/// What a stream may say: that something of a kind is different, and not what, whose or how.
const TOPICS: [&str; 10] = [
    "system",
    "extensions",
    "calls",
    "cdr",
    "trunks",
    "voicemail",
    "mail",
    "mails",
    "changes",
    ":",
];

#[tokio::test]
async fn the_stream_of_a_page_tells_that_something_changed_and_nothing_of_another() {
    let pbx = pbx().await;
    let (eva, tom) = (owner(&pbx).await, owner(&pbx).await);
    let admin = pbx.admin().await;
    let mut streams = Vec::new();
    for token in [eva.person.api.token(), admin.token()] {
        streams.push(Stream::open(&pbx, "/events", &token).await);
    }
    // A call, a message and a change of the other.
    let number = tom.extension.number.as_str();
    let phone = tom.extension.phone().await;
    let mut out = phone.dial("*43").await;
    out.is_answered().await;
    out.hang_up().await;
    pbx.owner().await.add_message(number, &tom.mark).await;
    let name = json!({"caller_id": format!("Tom {}", tom.mark)});
    tom.extension.change(name).await;
    for mut stream in streams {
        let mut untold = vec!["extensions", "calls", "cdr", "voicemail", "changes"];
        while !untold.is_empty() {
            let block = stream.block(PATIENCE).await.expect("more to tell");
            let of = |field: &str| {
                let mut lines = block.lines();
                lines
                    .find_map(|line| line.strip_prefix(field))
                    .map(str::trim)
            };
            let topic = of("event:").unwrap_or(":");
            assert!(TOPICS.contains(&topic), "{block}");
            assert!(matches!(of("data:"), None | Some("changed")), "{block}");
            assert!(matches!(of("id:"), None | Some("0")), "{block}");
            assert!(block.lines().count() <= 4, "{block}");
            untold.retain(|one| *one != topic);
        }
    }

    // It is for people: neither a key nor a program's token opens it, nor nobody.
    let key = key_of(&pbx, &eva).await;
    let client = Client::new();
    let url = format!("{}/events", pbx.url());
    for request in [
        client.get(&url),
        client.get(&url).header("x-api-key", key),
        client.get(&url).bearer_auth(eva.person.api.token()),
        client.get(format!("{url}?token={}", eva.person.api.token())),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401);
    }
}

/// What an admin sees of somebody's things.
async fn kept(pbx: &Pbx, of: &Owner) -> Value {
    let admin = pbx.admin().await;
    let number = &of.extension.number;
    let mut all = Vec::new();
    for path in [
        format!("/api/voicemail/?mailbox={number}"),
        format!("/api/voicemail/mailbox/{number}"),
        format!("/api/callforward/by-extension/{number}"),
        format!("/api/peers/{number}"),
    ] {
        let mut told = admin.get(&path).await.expect(200);
        // A link to listen is signed anew in each second.
        for thing in told.as_array_mut().into_iter().flatten() {
            thing
                .as_object_mut()
                .map(|fields| fields.remove("audio_url"));
        }
        all.push(told);
    }
    all.into()
}
