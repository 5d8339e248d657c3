//! The import and export of extensions as tables. What was uploaded travels with the form, so that a person mends it in
//! place and nothing is kept here in between.

use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use views::extensions::import::{self as view, Bad, Imported, Made, Preview, Reason, Upload};
use views::page::Done;
use views::ui::form::FieldErrors;
use views::{Markup, Texts};

use super::describe::{field_errors, flash};
use super::extensions::{Asked, filter};
use super::viewer::Viewer;
use crate::app::import::Outcome;
use crate::app::{Applied, Error};
use crate::domain::export::{self, Style};
use crate::domain::import::{self, Good, Table};
use crate::domain::invalid::Code;
use crate::domain::mailbox::Pin;
use crate::domain::{Act, Invalid, SipSecret, policy};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::api::import::download;
use crate::web::failure::{self, Failure};

type Answer = Result<Response, Failure>;

pub fn router() -> Routes {
    // Of what is larger than a table may be, enough is read to say so.
    let limit = DefaultBodyLimit::max(4 * import::MOST_BYTES);
    Routes::new()
        .get("/extensions/import", Act::ImportExtensions, page)
        .post(
            "/extensions/import",
            Act::ImportExtensions,
            upload.layer(limit),
        )
        .get(
            "/extensions/import/template",
            Act::ImportExtensions,
            template,
        )
        .get("/extensions/export", Act::ExportExtensions, download_list)
}

fn permitted(viewer: &Viewer, act: &Act) -> Result<(), Error> {
    policy::may(&viewer.actor, act)
        .then_some(())
        .ok_or(Error::Forbidden)
}

fn style(t: &Texts) -> Style<'static> {
    let words = view::words(t);
    Style {
        separator: words.separator.bytes().next().unwrap_or(b';'),
        yes: words.yes,
        no: words.no,
    }
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permitted(&viewer, &Act::ImportExtensions)?;
    let data = empty(FieldErrors::default());
    Ok(viewer
        .look
        .answer(view::upload(&viewer.look.page(&site), &data)))
}

/// One row that shows how each field is written.
async fn template(viewer: Viewer) -> Answer {
    permitted(&viewer, &Act::ImportExtensions)?;
    let t = &viewer.look.texts;
    let style = style(t);
    let headings: Vec<&str> = import::fields()
        .map(|field| view::heading(field, t))
        .collect();
    let example = [
        "1001",
        view::words(t).example_name,
        "",
        style.yes,
        "internal",
        "alaw,ulaw",
        "20",
        "5",
        style.yes,
        "",
        style.yes,
        "",
        "ada@example.com",
    ];
    let row = example.map(Into::into).into();
    let csv = export::write(style, &headings, [row]).map_err(Error::internal)?;
    Ok(download(view::words(t).template_file, csv))
}

async fn download_list(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Answer {
    let t = &viewer.look.texts;
    let style = style(t);
    let list = site
        .app
        .export_extensions(&viewer.actor, &filter(&asked.query()))
        .await?;
    let headings = export::EXPORTED.map(|field| view::heading(field, t));
    let rows = list
        .iter()
        .map(|(e, mailbox)| export::exported(e, mailbox.as_ref(), style));
    let csv = export::write(style, &headings, rows).map_err(Error::internal)?;
    Ok(download(view::words(t).export_file, csv))
}

/// What the form sent: it may hold passwords, so it has no debug form.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    text: String,
    is_confirmed: bool,
}

impl Sent {
    async fn read(mut form: Multipart) -> Result<Self, Error> {
        let mut sent = Self::default();
        let unreadable = |error: axum::extract::multipart::MultipartError| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                import::too_large().into()
            } else {
                Error::from(Invalid::one("file", Code::Malformed))
            }
        };
        while let Some(part) = form.next_field().await.map_err(unreadable)? {
            match part.name() {
                Some("file") => sent.file = part.bytes().await.map_err(unreadable)?.into(),
                Some("text") => sent.text = part.text().await.map_err(unreadable)?,
                Some("confirm") => sent.is_confirmed = true,
                _ => {}
            }
        }
        Ok(sent)
    }

    /// A file that was chosen comes before what stands in the field.
    fn decoded(&self) -> Result<(String, bool), Error> {
        if self.file.is_empty() {
            return Ok(import::decode(self.text.as_bytes())?);
        }
        Ok(import::decode(&self.file)?)
    }
}

/// What became of the table.
enum Shown {
    Saved(Response),
    Preview(Preview),
}

async fn upload(State(site): State<Site>, viewer: Viewer, form: Multipart) -> Answer {
    permitted(&viewer, &Act::ImportExtensions)?;
    let (status, page) = match take(&site, &viewer, form).await {
        Ok(Shown::Saved(response)) => return Ok(response),
        Ok(Shown::Preview(preview)) => {
            let is_good = preview.bad.is_empty();
            let status = if is_good {
                StatusCode::OK
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            (status, view::preview(&viewer.look.page(&site), &preview))
        }
        Err(error) => {
            let Some(errors) = field_errors(&error, &viewer.look.texts) else {
                return Err(error.into());
            };
            let page = view::upload(&viewer.look.page(&site), &empty(errors));
            (StatusCode::UNPROCESSABLE_ENTITY, page)
        }
    };
    Ok((status, page).into_response())
}

fn empty(errors: FieldErrors) -> Upload {
    Upload {
        errors,
        most_rows: import::MOST_ROWS as u64,
        most_kilobytes: (import::MOST_BYTES / 1024) as u64,
    }
}

async fn take(site: &Site, viewer: &Viewer, form: Multipart) -> Result<Shown, Error> {
    let sent = Sent::read(form).await?;
    let (text, was_windows) = sent.decoded()?;
    let table = Table::read(&text)?;
    let unknown = table.unknown.clone();
    let checked = if sent.is_confirmed {
        match site.app.import_extensions(&viewer.actor, table).await? {
            Outcome::Saved { saved, applied } => {
                let page = done(site, viewer, &saved, &applied)?;
                return Ok(Shown::Saved(page.into_response()));
            }
            Outcome::Refused(checked) => checked,
        }
    } else {
        site.app.check_import(&viewer.actor, table).await?
    };
    let t = &viewer.look.texts;
    Ok(Shown::Preview(Preview {
        total: (checked.good.len() + checked.bad.len()) as u64,
        good: checked.good.len() as u64,
        weak: weak(&checked.good),
        bad: checked.bad.iter().map(|bad| refusal(bad, t)).collect(),
        unknown,
        was_windows,
        text,
    }))
}

fn weak(good: &[Good]) -> Vec<String> {
    let weak = good.iter().filter(|good| good.is_weak());
    weak.map(|good| good.edit.number.to_string()).collect()
}

fn refusal(bad: &import::Bad, t: &Texts) -> Bad {
    let reasons = bad.invalid.problems().iter().map(|problem| Reason {
        field: view::heading(problem.field, t).to_owned(),
        sentence: failure::of_problem(problem, t),
    });
    Bad {
        row: bad.line,
        number: bad.number.chars().take(20).collect(),
        name: bad.name.chars().take(60).collect(),
        reasons: reasons.collect(),
    }
}

/// What was generated is shown this once, and as a file to keep.
fn done(site: &Site, viewer: &Viewer, saved: &[Good], applied: &Applied) -> Result<Markup, Error> {
    let t = &viewer.look.texts;
    let made: Vec<Made> = saved.iter().filter_map(made).collect();
    let headings = ["extension", "caller_id", "secret", "pin"].map(|field| view::heading(field, t));
    let rows = made.iter().map(|made| {
        [&made.number, &made.name, &made.password, &made.pin]
            .map(|cell| cell.as_str().into())
            .into()
    });
    let csv = export::write(style(t), &headings, rows).map_err(Error::internal)?;
    let list = String::from_utf8(csv).map_err(Error::internal)?;
    let flash = flash(&Done::Imported(saved.len() as u64), applied, t);
    let page = viewer.look.page_with(site, Some(flash));
    let imported = Imported {
        count: saved.len() as u64,
        weak: weak(saved),
        made,
        list,
    };
    Ok(view::done(&page, &imported))
}

fn made(good: &Good) -> Option<Made> {
    let secret = good.secret().filter(|_| good.is_generated);
    let mailbox = good.mailbox.as_ref().filter(|_| good.is_pin_generated);
    let pin = mailbox.and_then(|mailbox| mailbox.pin.as_ref());
    (secret.is_some() || pin.is_some()).then(|| Made {
        number: good.edit.number.to_string(),
        name: good.edit.name.as_str().to_owned(),
        password: secret
            .map_or("", |new| SipSecret::expose(&new.secret))
            .to_owned(),
        pin: pin.map_or("", Pin::expose).to_owned(),
    })
}
