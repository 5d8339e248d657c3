//! The own account, without JavaScript.

use crate::support::pbx;
use crate::support::stack::ADMIN_PASSWORD;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn a_user_changes_name_mail_and_language() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let visitor = Visitor::new(pbx.url(), "en");
    visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    let form = visitor.open("/profile").await.expect(200).form("/profile");
    let mail = format!("{}@example.com", eva.name);
    let filled = form.set("full_name", "Eva <b>Groß</b>").set("email", &mail);
    let page = visitor.submit(&filled.clone().set("email", "nobody")).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.wrong_fields(), ["email"]);
    assert_eq!(page.form("/profile").value("email"), Some("nobody"));
    let page = visitor
        .submit(&filled.set("language", "de"))
        .await
        .expect(200);
    assert!(page.shows("gespeichert"), "{}", page.text());
    let form = page.form("/profile");
    assert_eq!(form.value("full_name"), Some("Eva <b>Groß</b>"));
    assert_eq!(form.value("email"), Some(&*mail));
}

#[tokio::test]
async fn a_new_password_gives_this_session_a_fresh_cookie_and_ends_the_others() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let (here, there) = (Visitor::new(pbx.url(), "en"), Visitor::new(pbx.url(), "en"));
    for visitor in [&here, &there] {
        visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    }
    // Whoever copied this session's cookie from the browser is a program with the same token.
    let owner = pbx.owner().await;
    let sessions = "select id::text from pbx.session where user_id = $1::bigint";
    let before: Vec<(String,)> = owner.rows(sessions, &[&eva.id.to_string()]).await;
    let form = here.open("/password").await.expect(200).form("/password");
    let form = form
        .set("current_password", ADMIN_PASSWORD)
        .set("new_password", "five-green-Herons-9")
        .set("repeat_password", "five-green-Herons-9");
    let page = here.submit(&form).await.expect(200);
    assert_eq!(page.at, "/profile");
    assert!(page.shows("Your password is changed."), "{}", page.text());
    let after: Vec<(String,)> = owner.rows(sessions, &[&eva.id.to_string()]).await;
    assert_eq!(after.len(), 1, "only this session is left");
    assert!(!before.contains(&after[0]), "under another name");
    here.open("/profile").await.expect(200);
    let page = there.open("/profile").await;
    assert!(page.at.starts_with("/login"), "{}", page.at);
}

#[tokio::test]
async fn sessions_are_listed_ended_one_by_one_and_all_together() {
    let pbx = pbx().await;
    let eva = pbx.person("user").await;
    let (here, there) = (Visitor::new(pbx.url(), "en"), Visitor::new(pbx.url(), "en"));
    for visitor in [&here, &there] {
        visitor.log_in(&eva.name, ADMIN_PASSWORD).await;
    }
    let page = here.open("/profile").await.expect(200);
    let ends = |page: &crate::support::visitor::Page| {
        let forms = crate::support::html::forms(&page.html).into_iter();
        let ends = forms
            .filter(|form| form.action.starts_with("/profile/sessions/") && form.action.len() > 40);
        ends.collect::<Vec<_>>()
    };
    assert_eq!(ends(&page).len(), 3, "two browsers and a program");
    assert_eq!(page.text().matches("This one").count(), 1);
    assert!(page.shows("127.1."), "with the address: {}", page.text());
    let own = pbx.owner().await;
    let newest: Vec<(String,)> = own
        .rows(
            "select id::text from pbx.session where user_id = $1::bigint order by created_at desc limit 1",
            &[&eva.id.to_string()],
        )
        .await;
    let form = page.form(&format!("/profile/sessions/{}/end", newest[0].0));
    let page = here.submit(&form).await.expect(200);
    assert!(page.shows("The session has ended."), "{}", page.text());
    assert_eq!(ends(&page).len(), 2);
    assert!(there.open("/profile").await.at.starts_with("/login"));
    let page = here.submit(&page.form("/profile/sessions/end")).await;
    assert_eq!(page.at, "/login");
    assert_eq!(eva.api.get("/api/auth/me").await.status, 401);
}
