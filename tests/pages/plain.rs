//! The other pages work without JavaScript too.

use crate::support::pbx;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn the_list_is_searched_filtered_and_paged_by_links() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let mut numbers = Vec::new();
    for n in 0..3 {
        numbers.push(
            pbx.ext()
                .name(&format!("Searchable {n}"))
                .create()
                .await
                .number,
        );
    }
    let off = pbx
        .ext()
        .name("Searchable off")
        .with("enabled", false)
        .create()
        .await;
    let form = visitor
        .open("/extensions")
        .await
        .expect(200)
        .form("/extensions");
    let found = visitor
        .submit(&form.clone().set("q", "searchable"))
        .await
        .expect(200);
    for number in &numbers {
        assert!(
            found.html.contains(&format!("id=\"row-{number}\"")),
            "{number}: {}",
            found.text()
        );
    }
    assert!(found.shows("4 extensions"), "{}", found.text());
    let disabled = visitor
        .submit(&form.clone().set("q", "searchable").set("state", "disabled"))
        .await;
    assert!(
        disabled
            .html
            .contains(&format!("id=\"row-{}\"", off.number))
            && disabled.shows("1 extension")
    );
    let nothing = visitor
        .submit(&form.set("q", "no such thing"))
        .await
        .expect(200);
    assert!(nothing.shows("No extension matches."), "{}", nothing.text());
}

#[tokio::test]
async fn calls_are_listed_and_filtered() {
    let pbx = pbx().await;
    let (ada, bob) = (
        pbx.ext().name("Ada Löwe").phone().await,
        pbx.ext().name("Bob").phone().await,
    );
    let mut out = ada.dial(&bob.number).await;
    bob.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    for (language, busy) in [("en", "Busy"), ("de", "Besetzt")] {
        let visitor = pbx.visitor(language).await;
        let path = format!("/calls?extension={}", ada.number);
        let page = crate::support::eventually("the call is on the page", || async {
            let page = visitor.open(&path).await.expect(200);
            page.shows("Ada Löwe").then_some(page)
        })
        .await;
        for words in [&bob.number, "Bob", busy, &ada.number, "PJSIP/"] {
            assert!(page.shows(words), "{words}: {}", page.text());
        }
        let none = visitor
            .open(&format!("{path}&result=answered"))
            .await
            .expect(200);
        assert!(!none.shows("Ada Löwe"), "{}", none.text());
        let wrong = visitor.open("/calls?from=yesterday").await;
        assert!(
            wrong.status < 500 && wrong.html.contains("id=\"errors\""),
            "{}",
            wrong.text()
        );
    }
}

#[tokio::test]
async fn the_language_is_the_browsers_until_somebody_chooses() {
    let pbx = pbx().await;
    let visitor = Visitor::new(pbx.url(), "de-DE,de;q=0.9,en;q=0.5");
    let page = visitor.open("/login").await.expect(200);
    assert!(
        page.html.contains("<html lang=\"de\"") && page.shows("Anmelden"),
        "{}",
        page.text()
    );
    let form = page.form("/language").set("lang", "en");
    let page = visitor.submit(&form).await.expect(200);
    assert_eq!(page.at, "/login");
    assert!(
        page.html.contains("<html lang=\"en\"") && page.shows("Log in"),
        "{}",
        page.text()
    );

    let eva = pbx.person("admin").await;
    visitor
        .log_in(&eva.name, crate::support::stack::ADMIN_PASSWORD)
        .await;
    let form = visitor.open("/profile").await.expect(200).form("/profile");
    let page = visitor
        .submit(&form.set("language", "de").set("full_name", "Eva Löwe"))
        .await
        .expect(200);
    assert!(page.html.contains("<html lang=\"de\""), "{}", page.text());
    let elsewhere = Visitor::new(pbx.url(), "en");
    elsewhere
        .log_in(&eva.name, crate::support::stack::ADMIN_PASSWORD)
        .await;
    let page = elsewhere.open("/").await.expect(200);
    assert!(
        page.html.contains("<html lang=\"de\""),
        "it is the person's, not the browser's"
    );
}

#[tokio::test]
async fn a_person_changes_the_own_password() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    let old = crate::support::stack::ADMIN_PASSWORD;
    visitor.log_in(&eva.name, old).await;
    let form = visitor
        .open("/password")
        .await
        .expect(200)
        .form("/password");
    let names = ["current_password", "new_password", "repeat_password"];
    let fill = |values: [&str; 3]| {
        names
            .iter()
            .zip(values)
            .fold(form.clone(), |form, (name, value)| form.set(name, value))
    };
    let page = visitor
        .submit(&fill([
            "wrong",
            "six-tall-Giraffes-1",
            "six-tall-Giraffes-2",
        ]))
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(page.wrong_fields(), ["repeat_password"], "{}", page.text());
    let page = visitor
        .submit(&fill([
            "wrong",
            "six-tall-Giraffes-1",
            "six-tall-Giraffes-1",
        ]))
        .await;
    assert_eq!(
        (page.status, page.wrong_fields()),
        (422, vec!["current_password".to_owned()])
    );
    visitor
        .submit(&fill([old, "six-tall-Giraffes-1", "six-tall-Giraffes-1"]))
        .await
        .expect(200);
    visitor.open("/profile").await.expect(200);
    eva.api
        .get("/api/auth/me")
        .await
        .expect_error(401, "unauthenticated");
    pbx.anonymous()
        .log_in(&eva.name, "six-tall-Giraffes-1")
        .await;
}
