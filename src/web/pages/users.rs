//! The pages about people who log in.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use views::page::Done;
use views::ui::form::FieldErrors;
use views::users::delete::Delete;
use views::users::form::{New, Person};
use views::users::password::Made;
use views::users::{self as view, Row};

use super::describe::{field_errors, flash};
use super::profile::shown;
use super::trunk::id_of;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::domain::user::User;
use crate::domain::user_draft::{GivenPassword, UserDraft};
use crate::domain::{Act, ExtNumber, Fields, Given, Role};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

type Answer = Result<Response, Failure>;
type Pairs = Vec<(String, String)>;

pub fn router() -> Routes {
    Routes::new()
        .get("/users", Act::ListUsers, list)
        .post("/users", Act::CreateUser, create)
        .get("/users/new", Act::CreateUser, new)
        .get("/users/{id}", Act::EditUser, one)
        .post("/users/{id}", Act::EditUser, edit)
        .post("/users/{id}/extension", Act::AssignExtension, extension)
        .post("/users/{id}/password", Act::SetUserPassword, password)
        .post("/users/{id}/sign-out", Act::EndSessions, sign_out)
        .post(
            "/users/{id}/second-factor/off",
            Act::TakeSecondFactor,
            second_factor_off,
        )
        .get("/users/{id}/delete", Act::DeleteUser, delete_page)
        .post("/users/{id}/delete", Act::DeleteUser, delete)
}

async fn list(State(site): State<Site>, viewer: Viewer) -> Answer {
    let users = site.app.users(&viewer.actor).await?;
    let row = |user: User| Row {
        id: user.id,
        is_admin: user.role == Role::Admin,
        extension: user.extension.map(|number| number.to_string()),
        must_change: user.must_change_password,
        is_self: user.id == viewer.actor.user_id,
        username: user.username,
        full_name: user.full_name,
        email: user.email,
    };
    let rows: Vec<Row> = users.into_iter().map(row).collect();
    let page = view::page(&viewer.look.page(&site), &rows);
    Ok(viewer.look.answer(page))
}

fn typed<'a>(pairs: &'a Pairs, field: &str) -> &'a str {
    let found = pairs.iter().find(|(name, _)| name == field);
    found.map_or("", |(_, value)| value)
}

fn person_typed(pairs: &Pairs) -> Person {
    Person {
        username: typed(pairs, "username").to_owned(),
        full_name: typed(pairs, "full_name").to_owned(),
        email: typed(pairs, "email").to_owned(),
        role: typed(pairs, "role").to_owned(),
        language: typed(pairs, "language").to_owned(),
    }
}

/// A password that is left out is made, and then always for one login.
fn password_typed(pairs: &Pairs) -> (GivenPassword, Option<String>) {
    let mut fields = Fields::from_form(pairs.clone(), &["must_change_password"]);
    let typed = GivenPassword::read(&mut fields);
    if matches!(typed.password, Given::Value(_)) {
        return (typed, None);
    }
    let made = GivenPassword::generated();
    let clear = made.password.clone().value();
    (made, clear)
}

async fn new(State(site): State<Site>, viewer: Viewer) -> Answer {
    let new = New {
        person: Person {
            role: Role::User.as_str().to_owned(),
            ..Person::default()
        },
        must_change: true,
        errors: FieldErrors::default(),
    };
    let page = view::form::new(&viewer.look.page(&site), &new);
    Ok(viewer.look.answer(page))
}

async fn create(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    let draft = UserDraft::read(&mut Fields::from_form(pairs.clone(), &[]));
    let (password, made) = password_typed(&pairs);
    let error = match site.app.create_user(&viewer.actor, draft, &password).await {
        Ok(saved) => {
            if let Some(clear) = made {
                return Ok(show_once(&site, &viewer, &saved.user, clear));
            }
            let done = Done::UserCreated(saved.user.username);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(&format!("/users/{}", saved.user.id), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let new = New {
        person: person_typed(&pairs),
        must_change: password.must_change(),
        errors,
    };
    let page = view::form::new(&viewer.look.page(&site), &new);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn show_once(site: &Site, viewer: &Viewer, user: &User, password: String) -> Response {
    let made = Made {
        id: user.id,
        name: user.username.clone(),
        password,
    };
    view::password::page(&viewer.look.page(site), &made).into_response()
}

async fn data(site: &Site, viewer: &Viewer, id: i64) -> Result<view::user::User, Error> {
    let user = site.app.user(&viewer.actor, id).await?;
    let sessions = site.app.sessions_of(&viewer.actor, id).await?;
    let number = user.extension.as_ref().map(ExtNumber::to_string);
    Ok(view::user::User {
        id,
        name: user.username.clone(),
        person: Person {
            username: user.username,
            full_name: user.full_name,
            email: user.email.unwrap_or_default(),
            role: user.role.as_str().to_owned(),
            language: user.language.unwrap_or_default(),
        },
        extension: number.unwrap_or_default(),
        has_second_factor: site.app.has_second_factor(&viewer.actor, id).await?,
        sessions: sessions
            .iter()
            .map(|session| shown(session, viewer.actor.session))
            .collect(),
        errors: FieldErrors::default(),
    })
}

async fn one(State(site): State<Site>, viewer: Viewer, Path(id): Path<String>) -> Answer {
    let user = data(&site, &viewer, id_of(&id, "user")?).await?;
    let page = view::user::page(&viewer.look.page(&site), &user);
    Ok(viewer.look.answer(page))
}

/// The page again, with what was typed and what is wrong with it.
async fn again(
    site: &Site,
    viewer: &Viewer,
    id: i64,
    error: Error,
    typed: impl FnOnce(&mut view::user::User),
) -> Answer {
    let error = match error {
        Error::NotFound("extension") => Error::from(crate::domain::Invalid::one(
            "extension",
            crate::domain::invalid::Code::UnknownExtension,
        )),
        other => other,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let mut user = data(site, viewer, id).await?;
    user.errors = errors;
    typed(&mut user);
    let page = view::user::page(&viewer.look.page(site), &user);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn edit(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let id = id_of(&id, "user")?;
    let draft = UserDraft::read(&mut Fields::from_form(pairs.clone(), &[]));
    match site.app.edit_user(&viewer.actor, id, draft).await {
        Ok(saved) => {
            let done = Done::UserSaved(saved.user.username);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            Ok(redirect_with(&format!("/users/{id}"), &flash))
        }
        Err(error) => {
            let typed = |user: &mut view::user::User| user.person = person_typed(&pairs);
            again(&site, &viewer, id, error, typed).await
        }
    }
}

async fn extension(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let id = id_of(&id, "user")?;
    let wanted = typed(&pairs, "extension").trim();
    let number = Some(wanted).filter(|text| !text.is_empty());
    let number =
        number.map(|text| ExtNumber::parse(text).map_err(|_| Error::NotFound("extension")));
    let assigned = match number.transpose() {
        Ok(number) => {
            let number = number.as_ref();
            site.app.assign_extension(&viewer.actor, id, number).await
        }
        Err(error) => Err(error),
    };
    match assigned {
        Ok(saved) => {
            let done = Done::UserSaved(saved.user.username);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            Ok(redirect_with(&format!("/users/{id}"), &flash))
        }
        Err(error) => {
            let typed = |user: &mut view::user::User| wanted.clone_into(&mut user.extension);
            again(&site, &viewer, id, error, typed).await
        }
    }
}

async fn password(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let id = id_of(&id, "user")?;
    let (password, made) = password_typed(&pairs);
    let saved = site
        .app
        .set_user_password(&viewer.actor, id, &password)
        .await;
    match (saved, made) {
        (Ok(saved), Some(clear)) => Ok(show_once(&site, &viewer, &saved.user, clear)),
        (Ok(saved), None) => {
            let done = Done::UserPasswordSet(saved.user.username);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            Ok(redirect_with(&format!("/users/{id}"), &flash))
        }
        (Err(error), _) => again(&site, &viewer, id, error, |_| {}).await,
    }
}

async fn sign_out(State(site): State<Site>, viewer: Viewer, Path(id): Path<String>) -> Answer {
    let id = id_of(&id, "user")?;
    let user = site.app.user(&viewer.actor, id).await?;
    site.app.end_sessions(&viewer.actor, id).await?;
    let done = Done::UserSignedOut(user.username);
    let flash = views::Flash::done(&done, &viewer.look.texts);
    Ok(redirect_with(&format!("/users/{id}"), &flash))
}

async fn second_factor_off(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Answer {
    let id = id_of(&id, "user")?;
    let user = site.app.user(&viewer.actor, id).await?;
    site.app.take_second_factor(&viewer.actor, id).await?;
    let done = Done::UserFactorOff(user.username);
    let flash = views::Flash::done(&done, &viewer.look.texts);
    Ok(redirect_with(&format!("/users/{id}"), &flash))
}

async fn delete_page(State(site): State<Site>, viewer: Viewer, Path(id): Path<String>) -> Answer {
    let user = site.app.user(&viewer.actor, id_of(&id, "user")?).await?;
    let sessions = site.app.sessions_of(&viewer.actor, user.id).await?;
    let delete = Delete {
        id: user.id,
        is_self: user.id == viewer.actor.user_id,
        name: user.username,
        full_name: user.full_name,
        extension: user.extension.map(|number| number.to_string()),
        sessions: sessions.len() as u64,
    };
    let page = view::delete::page(&viewer.look.page(&site), &delete);
    Ok(viewer.look.answer(page))
}

async fn delete(State(site): State<Site>, viewer: Viewer, Path(id): Path<String>) -> Answer {
    let id = id_of(&id, "user")?;
    match site.app.delete_user(&viewer.actor, id).await {
        Ok(saved) => {
            let done = Done::UserDeleted(saved.user.username);
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            Ok(redirect_with("/users", &flash))
        }
        Err(error) => again(&site, &viewer, id, error, |_| {}).await,
    }
}
