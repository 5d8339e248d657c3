//! The mail server, the test of it, and the mails that wait.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use views::Flash;
use views::page::Done;
use views::settings::mail::{self as view, Failed, Mail, Queue, Trouble, Values};
use views::ui::form::FieldErrors;

use super::describe::field_errors;
use super::extension_form::{Pairs, value};
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::app::{Result, mail};
use crate::domain::mail::{MailServer, MailServerDraft, Undelivered};
use crate::domain::{Act, Fields};
use crate::web::Site;
use crate::web::access::Routes;

const PAGE: &str = "/settings/mail";

pub fn router() -> Routes {
    Routes::new()
        .get(PAGE, Act::EditSettings, page)
        .post(PAGE, Act::EditSettings, edit)
        .post("/settings/mail/test", Act::EditSettings, test)
        .post("/settings/mail/again", Act::EditSettings, again)
}

fn values(server: &MailServer) -> Values {
    Values {
        host: server.host.clone(),
        port: server.port.to_string(),
        encryption: server.encryption.as_str().to_owned(),
        username: server.username.clone().unwrap_or_default(),
        has_password: server.password.is_some(),
        sender: server.sender.clone(),
        sender_name: server.sender_name.clone(),
    }
}

fn trouble(why: &Undelivered) -> Trouble {
    Trouble {
        code: why.problem.as_str(),
        answer: why.answer.clone(),
    }
}

fn queue(queue: &mail::Queue) -> Queue {
    let failed = queue.failed.iter().map(|failed| Failed {
        mailbox: failed.mailbox.clone(),
        recipient: failed.recipient.clone(),
        at: failed.at,
        trouble: failed.why.as_ref().map(trouble),
    });
    Queue {
        waiting: queue.waiting,
        next: queue.next,
        trouble: queue.problem.as_ref().map(trouble),
        failed_count: queue.failed_count,
        failed: failed.collect(),
    }
}

/// The page as it is, before anybody has typed something.
async fn data(site: &Site, viewer: &Viewer) -> Result<Mail> {
    let server = site.app.mail_server(&viewer.actor).await?;
    let waiting = site.app.mail_queue(&viewer.actor).await?;
    Ok(Mail {
        values: values(&server),
        errors: FieldErrors::default(),
        recipient: viewer.user.email.clone().unwrap_or_default(),
        test_errors: FieldErrors::default(),
        queue: queue(&waiting),
    })
}

fn shown(site: &Site, viewer: &Viewer, data: &Mail) -> axum::response::Response {
    viewer
        .look
        .answer(view::page(&viewer.look.page(site), data))
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let data = data(&site, &viewer).await?;
    Ok(shown(&site, &viewer, &data))
}

async fn edit(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let mut fields = Fields::from_form(pairs.clone(), &[]);
    let draft = MailServerDraft::read(&mut fields);
    let saved = match fields.finish().or(draft) {
        Ok(draft) => site.app.edit_mail_server(&viewer.actor, draft).await,
        Err(invalid) => Err(invalid.into()),
    };
    let Err(error) = saved else {
        let flash = Flash::done(&Done::MailSaved, &viewer.look.texts);
        return Ok(redirect_with(PAGE, &flash));
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let text = |name: &str| value(&pairs, name).unwrap_or_default().to_owned();
    let mut data = data(&site, &viewer).await?;
    data.errors = errors;
    data.values = Values {
        host: text("smtp_host"),
        port: text("smtp_port"),
        encryption: text("smtp_encryption"),
        username: text("smtp_user"),
        has_password: data.values.has_password,
        sender: text("smtp_from"),
        sender_name: text("smtp_from_name"),
    };
    let page = shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn test(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let texts = &viewer.look.texts;
    let recipient = value(&pairs, "recipient").unwrap_or_default();
    let letter = crate::web::mail::test(texts);
    let error = match site.app.test_mail(&viewer.actor, recipient, letter).await {
        Ok(said) => {
            let said = said.map_err(|why| trouble(&why));
            return Ok(redirect_with(PAGE, &view::tested(recipient, &said, texts)));
        }
        Err(error) => error,
    };
    let Some(test_errors) = field_errors(&error, texts) else {
        return Err(error.into());
    };
    let data = Mail {
        recipient: recipient.to_owned(),
        test_errors,
        ..data(&site, &viewer).await?
    };
    let page = shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn again(State(site): State<Site>, viewer: Viewer) -> Answer {
    let count = site.app.retry_mails(&viewer.actor).await?;
    let flash = view::waiting_again(count, &viewer.look.texts);
    Ok(redirect_with(PAGE, &flash))
}
