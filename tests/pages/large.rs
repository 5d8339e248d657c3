//! The dashboard of a company with ten thousand extensions: as large as that of a small one, with those who call in front.

use std::time::Duration;

use crate::support::{own_pbx, within};

/// Every row that a database administrator would write for each.
const TEN_THOUSAND: &str = r#"
    insert into ps_aors (id, max_contacts) select n::text, 5 from generate_series(20001, 30000) n;
    insert into ps_auths (id, auth_type, username, realm, password_digest)
    select n::text, 'userpass', n::text, 'gonopbx', 'MD5:' || md5(n::text) from generate_series(20001, 30000) n;
    insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow)
    select n::text, n::text, n::text, 'internal', '"Person ' || n || '" <' || n || '>', 'all', 'alaw'
      from generate_series(20001, 30000) n;
    insert into extensions (context, exten, priority, app, appdata)
    select 'internal', n::text, 1, 'Gosub', 'pbx-ring,s,1(' || n || ',20)' from generate_series(20001, 30000) n;"#;

/// As many tiles as the dashboard has at most.
const SHOWN: usize = 120;

fn tiles(html: &str) -> usize {
    html.matches("id=\"tile-").count()
}

#[tokio::test]
async fn of_ten_thousand_extensions_the_dashboard_shows_those_who_call_and_says_how_many_there_are()
{
    let pbx = own_pbx("large").await;
    // Behind all the others, so that only a call brings them to the front.
    let (ada, bob) = (
        pbx.ext().with("extension", "90001").phone().await,
        pbx.ext().with("extension", "90002").phone().await,
    );
    let small = pbx.visitor("en").await.open("/").await.expect(200);
    assert_eq!(tiles(&small.html), 2);

    pbx.owner().await.does(TEN_THOUSAND);
    // A connection from before has ended meanwhile.
    let visitor = pbx.visitor("en").await;
    within(
        Duration::from_mins(1),
        "the server knows them all",
        || async {
            let page = visitor.open("/").await.expect(200);
            page.shows("2 / 10,002").then_some(())
        },
    )
    .await;
    let page = visitor.open("/").await.expect(200);
    assert_eq!(tiles(&page.html), SHOWN);
    assert!(!page.html.contains("tile-90002"));
    assert!(page.shows("and 9,882 more"), "{}", page.text());
    assert!(
        page.html.len() < small.html.len() + SHOWN * 800,
        "{} bytes for {SHOWN} tiles, {} without",
        page.html.len(),
        small.html.len()
    );

    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    let shows = |words: &'static str| {
        let visitor = &visitor;
        let first = format!("id=\"tile-{}\"", bob.number);
        async move {
            within(Duration::from_secs(1), words, || async {
                let part = visitor.open("/fragments/tiles").await.expect(200);
                assert_eq!(tiles(&part.html), SHOWN);
                (part.html.contains(&first) && part.shows(words)).then_some(())
            })
            .await;
        }
    };
    shows("Ringing").await;
    call.answer().await;
    out.is_answered().await;
    shows("Talking").await;
    let part = visitor.open("/fragments/tiles").await.expect(200);
    let talking = part.html.find(&format!("tile-{}", bob.number));
    let others = part.html.find("tile-20001");
    assert!(talking < others, "those who talk come first");
    out.hang_up().await;
    call.other_side_hangs_up().await;
}
