//! The pages about people who log in, without JavaScript.

use crate::support::pbx;
use crate::support::visitor::Visitor;

const PASSWORD: &str = "gelbe Tassen im Regen";

#[tokio::test]
async fn an_admin_makes_changes_and_deletes_a_user_in_the_browser() {
    let pbx = pbx().await;
    let ada = pbx.ext().name("Ada").create().await;
    let visitor = pbx.visitor("en").await;
    let name = format!("p{}", pbx.free_number());

    // Without a password one is generated, shown once, and changed at the first login.
    let page = visitor.open("/users/new").await.expect(200);
    let form = page.form("/users").set("username", &name);
    let page = visitor.submit(&form).await.expect(200);
    let html = page.html.clone();
    let code = html
        .split("<code>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let generated = code.expect("a password").replace("&amp;", "&");
    let listed = visitor.open("/users").await.expect(200);
    assert!(listed.shows(&name), "{}", listed.text());
    assert!(!listed.html.contains(&generated));
    let eva = Visitor::new(pbx.url(), "en");
    let first = eva.log_in(&name, &generated).await;
    assert_eq!(first.at, "/password");

    let path = listed
        .html
        .split("href=\"")
        .find(|rest| rest.contains(&format!(">{name}<")))
        .and_then(|rest| rest.split('"').next())
        .expect("a link")
        .to_owned();
    let page = visitor.open(&path).await.expect(200);
    let form = page.form(&path).set("full_name", "Eva Muster");
    let saved = visitor.submit(&form).await.expect(200);
    assert!(saved.shows("was saved"), "{}", saved.text());
    assert_eq!(saved.form(&path).value("full_name"), Some("Eva Muster"));

    let assign = format!("{path}/extension");
    let form = saved.form(&assign).set("extension", "9999");
    let wrong = visitor.submit(&form).await.expect(422);
    assert_eq!(wrong.wrong_fields(), ["extension"]);
    let form = wrong.form(&assign).set("extension", &ada.number);
    let given = visitor.submit(&form).await.expect(200);
    assert_eq!(given.form(&assign).value("extension"), Some(&*ada.number));

    let password = format!("{path}/password");
    let form = given.form(&password).set("password", "short");
    let wrong = visitor.submit(&form).await.expect(422);
    assert_eq!(wrong.wrong_fields(), ["password"]);
    let form = wrong.form(&password).set("password", PASSWORD);
    let form = form.check("must_change_password", false);
    visitor.submit(&form).await.expect(200);
    assert_eq!(eva.open("/password").await.at, "/login?next=%2Fpassword");
    eva.log_in(&name, PASSWORD).await;
    eva.open(&format!("/extensions/{}", ada.number))
        .await
        .expect(200);
    eva.open("/users").await.expect(403);

    let page = visitor.open(&path).await.expect(200);
    let form = page.form(&format!("{path}/sign-out"));
    let out = visitor.submit(&form).await.expect(200);
    assert!(out.shows("signed out everywhere"), "{}", out.text());
    assert!(eva.open("/help").await.at.starts_with("/login"));

    let page = visitor.open(&format!("{path}/delete")).await.expect(200);
    assert!(page.shows(&ada.number), "{}", page.text());
    let gone = visitor.submit(&page.form(&format!("{path}/delete"))).await;
    assert_eq!(gone.at, "/users");
    assert!(gone.shows("was deleted"), "{}", gone.text());
    visitor.open(&path).await.expect(404);
}

#[tokio::test]
async fn a_wrong_user_comes_back_as_typed_with_the_reasons_in_german() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("de").await;
    let page = visitor.open("/users/new").await.expect(200);
    let form = page
        .form("/users")
        .set("username", "a b")
        .set("email", "nobody");
    let wrong = visitor.submit(&form).await.expect(422);
    assert_eq!(wrong.form("/users").value("username"), Some("a b"));
    let mut fields = wrong.wrong_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["email", "username"]);
    assert!(
        wrong.shows("Ein Benutzername besteht aus"),
        "{}",
        wrong.text()
    );
}
