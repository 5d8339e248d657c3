//! The login page.

use maud::{Markup, html};

use crate::page::Page;
use crate::ui::form::{FieldErrors, Input, Row};
use crate::ui::icon::{Icon, icon};
use crate::ui::shell;

#[derive(Clone, Debug, Default)]
pub struct Login {
    /// As typed, when the form comes back.
    pub user_name: String,
    /// Where to go afterwards.
    pub next: String,
    /// Why it was refused, as one sentence.
    pub error: Option<String>,
}

/// The second step, for who has a second factor.
#[derive(Clone, Debug, Default)]
pub struct SecondStep {
    pub next: String,
    pub error: Option<String>,
}

fn refusal(error: Option<&String>) -> Markup {
    html! {
        @if let Some(error) = error {
            p class="notice tone-bad" role="alert" { (icon(Icon::Alert)) span { (error) } }
        }
    }
}

pub fn second_step(page: &Page<'_>, step: &SecondStep) -> Markup {
    let t = page.texts;
    let errors = FieldErrors::default();
    let otp = Row {
        name: "otp",
        label: t.t("otp"),
        help: t.t("otp-help"),
        column: "",
        errors: &errors,
    };
    let input = Input {
        autocomplete: "one-time-code",
        ..Input::text("")
    };
    let content = html! {
        (refusal(step.error.as_ref()))
        form method="post" action="/login/code" {
            input type="hidden" name="next" value=(step.next);
            (otp.input(&input.required().focused()))
            button type="submit" class="button primary wide" { (t.t("login-submit")) }
        }
        p class="beside" { a href="/login" { (t.t("login-again")) } }
    };
    shell::narrow(page, t.t("second-factor-title"), &content)
}

pub fn page(page: &Page<'_>, login: &Login) -> Markup {
    let t = page.texts;
    let errors = FieldErrors::default();
    let row = |name, label| Row {
        name,
        label: t.t(label),
        help: "",
        column: "",
        errors: &errors,
    };
    let user_name = Input {
        autocomplete: "username",
        ..Input::text(&login.user_name)
    };
    let known = !login.user_name.is_empty();
    let password = Input {
        focus: known,
        ..Input::password("current-password").required()
    };
    let content = html! {
        (refusal(login.error.as_ref()))
        form method="post" action="/login" {
            input type="hidden" name="next" value=(login.next);
            (row("username", "user-name").input(&Input { focus: !known, ..user_name.required() }))
            (row("password", "password").input(&password))
            button type="submit" class="button primary wide" { (t.t("login-submit")) }
        }
    };
    shell::narrow(page, t.t("login-title"), &content)
}
