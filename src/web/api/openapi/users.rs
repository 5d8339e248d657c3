//! The calls about people who log in.

use super::Operation;
use super::operations::{delete, get, patch, post, put};
use crate::domain::user_draft::{GivenPassword, UserDraft};

pub fn all() -> Vec<Operation> {
    vec![
        get("/users", "Lists the people who log in.", "[User]"),
        post(
            "/users",
            "Makes a user; the password is given here and shown nowhere.",
            "User",
        )
        .body(
            |fields| (UserDraft::read(fields), GivenPassword::read(fields)),
            &["username", "password"],
        )
        .created(),
        get("/users/{id}", "One user.", "User"),
        put(
            "/users/{id}",
            "Changes a user; what is left out stays. Another role or name ends the sessions.",
            "User",
        )
        .body(UserDraft::read, &[]),
        delete(
            "/users/{id}",
            "Deletes a user; the sessions end, the extension stays.",
            "Message",
        )
        .refusable(),
        patch(
            "/users/{id}/password",
            "Sets the password of a user; the sessions end.",
            "Message",
        )
        .body(GivenPassword::read, &["password"]),
        patch(
            "/users/{id}/extension",
            "Gives a user an extension, or none; whoever had it has it no more.",
            "UserExtension",
        )
        .body(|fields| fields.text("extension"), &["extension"]),
        get(
            "/users/{id}/sessions",
            "Where a user is logged in.",
            "[Login]",
        ),
        delete(
            "/users/{id}/sessions",
            "Signs a user out everywhere.",
            "SignedOut",
        ),
    ]
}
