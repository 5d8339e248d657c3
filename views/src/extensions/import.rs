//! Extensions from a table: the upload, what was found in it, and what was made.

use maud::{Markup, html};

use crate::page::Page;
use crate::texts::Texts;
use crate::ui::form::{self, FieldErrors, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::part;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::url;

#[derive(Clone, Debug, Default)]
pub struct Upload {
    pub errors: FieldErrors,
    pub most_rows: u64,
    pub most_kilobytes: u64,
}

/// What a table holds, before anything is written.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub total: u64,
    pub good: u64,
    pub bad: Vec<Bad>,
    /// Numbers whose password is easy to guess.
    pub weak: Vec<String>,
    /// Headings that mean nothing here.
    pub unknown: Vec<String>,
    pub was_windows: bool,
    /// The table as it came, to be mended in place.
    pub text: String,
}

/// A row that cannot be taken.
#[derive(Clone, Debug)]
pub struct Bad {
    pub row: u64,
    pub number: String,
    pub name: String,
    pub reasons: Vec<Reason>,
}

#[derive(Clone, Debug)]
pub struct Reason {
    pub field: String,
    pub sentence: String,
}

#[derive(Clone, Debug, Default)]
pub struct Imported {
    pub count: u64,
    pub weak: Vec<String>,
    /// Those for which something was generated.
    pub made: Vec<Made>,
    /// The same as a table, to keep.
    pub list: String,
}

#[derive(Clone, Debug)]
pub struct Made {
    pub number: String,
    pub name: String,
    pub password: String,
    pub pin: String,
}

/// The fields of a table by their names in the REST contract, each with the texts of its heading and of what it means.
const FIELDS: [(&str, &str, &str); 13] = [
    ("extension", "csv-extension", "csv-extension-help"),
    ("caller_id", "csv-caller_id", "csv-caller_id-help"),
    ("secret", "csv-secret", "csv-secret-help"),
    ("enabled", "csv-enabled", "csv-enabled-help"),
    ("context", "csv-context", "csv-context-help"),
    ("codecs", "csv-codecs", "csv-codecs-help"),
    ("ring_time", "csv-ring_time", "csv-ring_time-help"),
    ("max_contacts", "csv-max_contacts", "csv-max_contacts-help"),
    ("blf_enabled", "csv-blf_enabled", "csv-blf_enabled-help"),
    ("pickup_group", "csv-pickup_group", "csv-pickup_group-help"),
    ("mailbox", "csv-mailbox", "csv-mailbox-help"),
    ("pin", "csv-pin", "csv-pin-help"),
    ("email", "csv-email", "csv-email-help"),
];

/// The heading of a field's column.
pub fn heading(field: &str, t: &Texts) -> &'static str {
    let known = FIELDS.iter().find(|(name, ..)| *name == field);
    t.t(known.map_or("csv-row", |(_, heading, _)| heading))
}

/// How tables are written in a language, and what their files are called.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub separator: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub template_file: &'static str,
    pub export_file: &'static str,
    pub example_name: &'static str,
}

pub fn words(t: &Texts) -> Words {
    Words {
        separator: t.t("csv-separator"),
        yes: t.t("csv-yes"),
        no: t.t("csv-no"),
        template_file: t.t("import-template-file"),
        export_file: t.t("export-file"),
        example_name: t.t("import-example-name"),
    }
}

fn shell(page: &Page<'_>, title: &str, content: &Markup) -> Markup {
    let head = Head {
        title,
        active: Some(Nav::Extensions),
        live: false,
    };
    shell::shell(page, &head, content)
}

pub fn upload(page: &Page<'_>, upload: &Upload) -> Markup {
    let t = page.texts;
    let title = t.t("import-title");
    let template = html! {
        a class="button" href="/extensions/import/template" download { (t.t("import-template")) }
    };
    let limits = t.t_args(
        "import-file-help",
        &[
            ("rows", t.number(upload.most_rows).into()),
            ("size", t.number(upload.most_kilobytes).into()),
        ],
    );
    let row = |name, label, help| Row {
        name,
        label,
        help,
        column: "",
        errors: &upload.errors,
    };
    let file = row("file", t.t("import-file"), &limits);
    let content = html! {
        (part::header(title, t.t("import-line"), &template))
        div class="card form-card" {
            (form::summary(&upload.errors, &[("file", t.t("import-file"))], t))
            form method="post" action="/extensions/import" enctype="multipart/form-data" {
                (file.around(&html! {
                    input id="f-file" name="file" type="file" accept=".csv,.txt,text/csv"
                        aria-describedby=[file.described()]
                        aria-invalid=[file.is_wrong().then_some("true")];
                }))
                (text("", &row("text", t.t("import-text"), t.t("import-text-help"))))
                div class="buttons" {
                    button type="submit" class="button primary" { (t.t("import-look")) }
                    a class="button" href="/extensions" { (t.t("cancel")) }
                }
            }
        }
        (columns(t))
    };
    shell(page, title, &content)
}

fn text(value: &str, row: &Row<'_>) -> Markup {
    row.around(&html! {
        textarea id="f-text" name="text" rows="8" spellcheck="false" autocomplete="off" autocapitalize="off"
            aria-describedby=[row.described()]
        { (value) }
    })
}

/// Which columns there are, and what each means.
fn columns(t: &Texts) -> Markup {
    html! {
        section class="card" aria-labelledby="columns-title" {
            h2 id="columns-title" { (t.t("import-columns")) }
            p class="muted" { (t.t("import-columns-line")) }
            dl class="facts" {
                @for (field, heading, help) in FIELDS {
                    div {
                        dt { (t.t(heading)) " " code class="column" { (field) } }
                        dd { (t.t(help)) }
                    }
                }
            }
        }
    }
}

pub fn preview(page: &Page<'_>, preview: &Preview) -> Markup {
    let t = page.texts;
    let title = t.t("import-title");
    let none = FieldErrors::default();
    let row = Row {
        name: "text",
        label: t.t("import-text"),
        help: t.t("import-mend"),
        column: "",
        errors: &none,
    };
    let is_good = preview.bad.is_empty();
    let field = text(&preview.text, &row);
    let content = html! {
        (part::header(title, &t.t_count("import-rows", preview.total), &html! {}))
        @if is_good {
            (part::notice("tone-ok", Icon::Check, &html! { p { (t.t_count("import-all-good", preview.good)) } }))
        } @else {
            (part::notice("tone-bad", Icon::Alert, &html! {
                p { (t.t_count("import-refused", preview.bad.len() as u64)) }
            }))
            (bad_rows(&preview.bad, t))
        }
        @if preview.was_windows {
            (part::notice("tone-warn", Icon::Alert, &html! { p { (t.t("import-windows")) } }))
        }
        @if !preview.unknown.is_empty() {
            (part::notice("tone-warn", Icon::Alert, &html! {
                p { (t.t("import-unknown")) " " (preview.unknown.join(", ")) }
            }))
        }
        (weak(&preview.weak, t))
        div class="card form-card" {
            form method="post" action="/extensions/import" enctype="multipart/form-data" {
                @if is_good {
                    (form::folded(t.t("import-text"), t.t("import-mend"), false, &field))
                } @else {
                    (field)
                }
                div class="buttons" {
                    @if is_good {
                        button type="submit" class="button primary" name="confirm" value="yes" {
                            (t.t_count("import-confirm", preview.good))
                        }
                    }
                    button type="submit" class={ "button" @if !is_good { " primary" } } { (t.t("import-look-again")) }
                    a class="button" href="/extensions/import" { (t.t("import-other")) }
                }
            }
        }
    };
    shell(page, title, &content)
}

fn bad_rows(bad: &[Bad], t: &Texts) -> Markup {
    html! {
        table id="bad-rows" class="table card" {
            thead {
                tr {
                    th scope="col" class="numeric" { (t.t("import-row")) }
                    th scope="col" { (t.t("column-number")) }
                    th scope="col" { (t.t("column-name")) }
                    th scope="col" { (t.t("import-reasons")) }
                }
            }
            tbody {
                @for bad in bad {
                    tr {
                        td data-label=(t.t("import-row")) class="numeric" { (t.number(bad.row)) }
                        td data-label=(t.t("column-number")) { (bad.number) }
                        td data-label=(t.t("column-name")) { (bad.name) }
                        td data-label=(t.t("import-reasons")) {
                            ul class="plain" {
                                @for reason in &bad.reasons { li { b { (reason.field) } ": " (reason.sentence) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn weak(numbers: &[String], t: &Texts) -> Markup {
    html! {
        @if !numbers.is_empty() {
            (part::notice("tone-warn", Icon::Key, &html! {
                p { (t.t_count("import-weak", numbers.len() as u64)) }
                p {
                    @for (index, number) in numbers.iter().enumerate() {
                        @if index > 0 { ", " }
                        (number)
                    }
                }
            }))
        }
    }
}

pub fn done(page: &Page<'_>, imported: &Imported) -> Markup {
    let t = page.texts;
    let title = t.t_count("import-done", imported.count);
    let list = html! {
        @if !imported.made.is_empty() {
            // The list exists in this answer and nowhere else.
            a class="button primary" download=(t.t("import-list-file"))
                href={ "data:text/csv;charset=utf-8," (url::escape(&imported.list)) }
            { (icon(Icon::Key)) span { (t.t("import-list")) } }
        }
        a class="button" href="/extensions" { (t.t("import-to-list")) }
    };
    let content = html! {
        (part::header(&title, "", &list))
        (weak(&imported.weak, t))
        @if !imported.made.is_empty() {
            (part::notice("tone-warn", Icon::Key, &html! { p { (t.t("import-once")) } }))
            table id="made" class="table card" {
                thead {
                    tr {
                        @for field in ["extension", "caller_id", "secret", "pin"] { th scope="col" { (heading(field, t)) } }
                    }
                }
                tbody {
                    @for made in &imported.made {
                        tr {
                            td data-label=(heading("extension", t)) {
                                a class="number" href=(url::extension(&made.number, "")) { (made.number) }
                            }
                            td data-label=(heading("caller_id", t)) { (made.name) }
                            td data-label=(heading("secret", t)) { code { (made.password) } }
                            td data-label=(heading("pin", t)) { code { (made.pin) } }
                        }
                    }
                }
            }
        }
    };
    shell(page, &title, &content)
}
