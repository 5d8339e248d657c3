//! Every call.

use super::Operation;
use crate::app::settings::SettingsDraft;
use crate::domain::api_key::KeyDraft;
use crate::domain::bulk::ChangeDraft;
use crate::domain::dial::DialDraft;
use crate::domain::forward::ForwardDraft;
use crate::domain::mail::MailServerDraft;
use crate::domain::mailbox::MailboxDraft;
use crate::domain::phone_addresses::PhoneAddressesDraft;
use crate::domain::route::RouteDraft;
use crate::domain::second_factor::ProofDraft;
use crate::domain::trunk::TrunkDraft;
use crate::domain::user::{PasswordDraft, ProfileDraft};
use crate::domain::{ExtensionDraft, Fields};

pub type Text = &'static str;

pub fn get(path: Text, summary: Text, answer: Text) -> Operation {
    Operation::new("get", path, summary, answer)
}

pub fn post(path: Text, summary: Text, answer: Text) -> Operation {
    Operation::new("post", path, summary, answer)
}

pub fn put(path: Text, summary: Text, answer: Text) -> Operation {
    Operation::new("put", path, summary, answer)
}

pub fn patch(path: Text, summary: Text, answer: Text) -> Operation {
    Operation::new("patch", path, summary, answer)
}

pub fn delete(path: Text, summary: Text, answer: Text) -> Operation {
    Operation::new("delete", path, summary, answer)
}

pub fn all() -> Vec<Operation> {
    let groups = [
        system(),
        auth(),
        peers(),
        trunks(),
        routes(),
        forwards(),
        calls(),
        voicemail(),
        settings(),
        keys(),
        audit(),
        super::users::all(),
    ];
    groups.into_iter().flatten().collect()
}

fn system() -> Vec<Operation> {
    vec![
        get("", "Who answers here.", "About").open(),
        get("/openapi.json", "This description.", "any").open(),
        get(
            "/health",
            "Whether the parts are there; 503 when one is away.",
            "Health",
        )
        .open(),
        get("/dashboard/status", "What the dashboard shows.", "Status"),
    ]
}

fn auth() -> Vec<Operation> {
    let credentials = |fields: &mut Fields| {
        (
            fields.text("username"),
            fields.text("password"),
            fields.text("otp"),
        )
    };
    vec![
        post(
            "/auth/login",
            "Logs in; the token is good for 24 hours. Who has a second factor sends it as `otp`, or is answered `otp_required`.",
            "Session",
        )
        .body(credentials, &["username", "password"])
        .open(),
        get("/auth/me", "Who is logged in.", "Me"),
        put("/auth/me", "Changes the own account.", "Me").body(ProfileDraft::read, &[]),
        get("/auth/sessions", "Where one is logged in.", "[Login]"),
        delete("/auth/sessions", "Logs out everywhere.", "Message"),
        delete(
            "/auth/sessions/{session}",
            "Ends one of the own sessions.",
            "Message",
        ),
        post(
            "/auth/change-password",
            "Sets the own password; all other sessions end.",
            "Message",
        )
        .body(PasswordDraft::read, &[]),
        get(
            "/auth/second-factor",
            "Whether one has a second factor.",
            "SecondFactor",
        ),
        post(
            "/auth/second-factor",
            "Begins to set one up; a code then proves that the app has it.",
            "SecondFactorDraft",
        ),
        post(
            "/auth/second-factor/on",
            "Switches it on; the recovery codes are shown this once.",
            "RecoveryCodes",
        )
        .body(ProofDraft::read, &["current_password", "otp"]),
        post(
            "/auth/second-factor/off",
            "Switches it off.",
            "Message",
        )
        .body(ProofDraft::read, &["current_password", "otp"]),
        post(
            "/auth/second-factor/recovery-codes",
            "Makes other recovery codes in place of those there were.",
            "RecoveryCodes",
        )
        .body(ProofDraft::read, &["current_password", "otp"]),
        delete(
            "/users/{id}/second-factor",
            "Takes off somebody's second factor.",
            "Message",
        ),
        post("/auth/logout", "Ends the session.", "Message"),
    ]
}

fn keys() -> Vec<Operation> {
    vec![
        get("/keys", "Lists the keys of programs.", "[ApiKey]"),
        post(
            "/keys",
            "Makes a key, which is shown this once. Scopes: read, write, calls, users.",
            "NewApiKey",
        )
        .body(KeyDraft::read, &["name", "scopes"]),
        delete("/keys/{id}", "Revokes a key.", "Message"),
    ]
}

fn peers() -> Vec<Operation> {
    vec![
        get("/peers", "Lists the extensions.", "[Peer]")
            .paged()
            .query("q", "text", "Part of a number or a name."),
        post(
            "/peers",
            "Makes an extension; its password is shown this once.",
            "Peer",
        )
        .body(ExtensionDraft::read, &["extension"]),
        get(
            "/peers/generate-password",
            "Suggests a password.",
            "GeneratedPassword",
        ),
        get(
            "/peers/weak-passwords",
            "Lists extensions with a password that is easy to guess.",
            "[WeakPassword]",
        ),
        get("/peers/{id}", "One extension.", "Peer"),
        put("/peers/{id}", "Changes an extension.", "Peer").body(ExtensionDraft::read, &[]),
        delete(
            "/peers/{id}",
            "Deletes an extension and what belongs to it.",
            "PeerDeleted",
        ),
        patch(
            "/peers/{id}/codecs",
            "Sets the own order of codecs; null follows the system's.",
            "PeerCodecs",
        )
        .body(|fields| fields.text("codecs"), &["codecs"]),
        patch(
            "/peers/{id}/user",
            "Assigns a user; null takes the extension away.",
            "PeerUser",
        )
        .body(|fields| fields.int("user_id"), &["user_id"]),
        patch(
            "/peers/{id}/outbound",
            "Chooses what others see on outgoing calls.",
            "PeerOutbound",
        )
        .body(
            |fields| (fields.text("outbound_cid"), fields.text("pai")),
            &[],
        ),
        post(
            "/peers/import",
            "Makes extensions from a table, all or none.",
            "Import",
        )
        .query("dry_run", "bool", "Only says what is wrong with it.")
        .table(),
        post(
            "/peers/bulk",
            "Changes many extensions at once, all or none.",
            "BulkDone",
        )
        .body(
            |fields| {
                let selection = (fields.flag("all"), fields.text("q"), fields.text("state"));
                (selection, ChangeDraft::read(fields))
            },
            &[],
        ),
        get("/peers/export", "The extensions as a table.", "any")
            .query("q", "text", "Part of a number or a name.")
            .query("state", "text", "Only those in this state.")
            .bytes("text/csv"),
    ]
}

fn trunks() -> Vec<Operation> {
    vec![
        get("/trunks", "Lists the trunks.", "[Trunk]"),
        post("/trunks", "Makes a trunk.", "Trunk").body(TrunkDraft::read, &["name"]),
        get(
            "/trunks/available-dids",
            "Numbers that lead nowhere yet.",
            "[FreeNumbers]",
        ),
        get("/trunks/{id}", "One trunk.", "Trunk"),
        put("/trunks/{id}", "Changes a trunk.", "Trunk").body(TrunkDraft::read, &[]),
        delete(
            "/trunks/{id}",
            "Deletes a trunk and the routes of its numbers.",
            "TrunkDeleted",
        ),
        get(
            "/trunks/{id}/status",
            "What its provider says, and its calls.",
            "TrunkStatus",
        ),
    ]
}

fn routes() -> Vec<Operation> {
    vec![
        get(
            "/routes",
            "Lists external numbers and where they lead.",
            "[Route]",
        ),
        post("/routes", "Lets a number lead to an extension.", "Route").body(
            RouteDraft::read,
            &["did", "trunk_id", "destination_extension"],
        ),
        get(
            "/routes/by-extension/{number}",
            "The numbers of an extension.",
            "[Route]",
        ),
        get("/routes/{id}", "One number.", "Route"),
        put("/routes/{id}", "Changes where a number leads.", "Route").body(RouteDraft::read, &[]),
        delete(
            "/routes/{id}",
            "Lets a number lead nowhere.",
            "RouteDeleted",
        ),
    ]
}

fn forwards() -> Vec<Operation> {
    vec![
        get("/callforward", "Lists all forwards.", "[Forward]"),
        post("/callforward", "Sets a forward.", "Forward").body(
            ForwardDraft::read,
            &["extension", "forward_type", "destination"],
        ),
        get(
            "/callforward/by-extension/{extension}",
            "The forwards of an extension.",
            "[Forward]",
        ),
        get("/callforward/{id}", "One forward.", "Forward"),
        put(
            "/callforward/{id}",
            "Changes a forward, or switches it.",
            "Forward",
        )
        .body(ForwardDraft::read, &[]),
        delete("/callforward/{id}", "Deletes a forward.", "Deleted"),
    ]
}

fn calls() -> Vec<Operation> {
    let filtered = |operation: Operation| {
        operation
            .query("src", "text", "Part of the caller's number.")
            .query("dst", "text", "Part of the called number.")
            .query("q", "text", "Part of either number.")
            .query("extension", "text", "Calls of this extension.")
            .query(
                "disposition",
                "text",
                "ANSWERED, NO ANSWER, BUSY or FAILED, in any case.",
            )
            .query(
                "date_from",
                "time",
                "From this time on; without a zone it is UTC.",
            )
            .query("date_to", "time", "Until this time.")
    };
    vec![
        filtered(get("/cdr", "The history of calls, newest first.", "[Call]"))
            .paged()
            .query("offset", "int", "Leaves out this many; after is faster."),
        filtered(get("/cdr/count", "How many calls there are.", "Count")),
        filtered(get("/cdr/stats", "Adds the calls up.", "CallStats")).query(
            "charts",
            "bool",
            "Also per day and per hour.",
        ),
        filtered(get("/cdr/export", "The history as a table.", "any")).bytes("text/csv"),
        get("/cdr/recent", "The last calls.", "RecentCalls").query(
            "limit",
            "int",
            "How many at most: 1 to 500.",
        ),
        get("/calls/active", "Calls in progress.", "ActiveCalls"),
        post(
            "/calls/originate",
            "Rings an extension, then calls a number from it.",
            "Originated",
        )
        .body(DialDraft::read, &["number"]),
        post("/calls/{id}/hangup", "Ends a call in progress.", "HungUp"),
    ]
}

fn voicemail() -> Vec<Operation> {
    vec![
        get("/voicemail", "Lists messages, newest first.", "[Voicemail]")
            .paged()
            .query("offset", "int", "Leaves out this many; after is faster.")
            .query("mailbox", "text", "Only those of this extension.")
            .query("unread_only", "bool", "Only new ones."),
        get(
            "/voicemail/stats",
            "How many messages there are.",
            "VoicemailStats",
        ),
        get("/voicemail/{id}", "One message.", "Voicemail"),
        delete(
            "/voicemail/{id}",
            "Deletes a message; restore brings it back for a while.",
            "VoicemailDeleted",
        ),
        get(
            "/voicemail/{id}/audio",
            "The sound, whole or the range that is asked for.",
            "any",
        )
        .query(
            "token",
            "text",
            "The session's token, where no header can be sent.",
        )
        .query(
            "link",
            "text",
            "What audio_url has, which opens this message only.",
        )
        .bytes("audio/wav"),
        patch(
            "/voicemail/{id}/mark-read",
            "Marks a message as heard.",
            "Voicemail",
        ),
        patch(
            "/voicemail/{id}/mark-new",
            "Marks a message as new.",
            "Voicemail",
        ),
        post(
            "/voicemail/{id}/restore",
            "Brings back a message that was just deleted.",
            "Voicemail",
        ),
        get(
            "/voicemail/mailbox/{extension}",
            "The mailbox of an extension.",
            "Mailbox",
        ),
        put(
            "/voicemail/mailbox/{extension}",
            "Changes a mailbox, or makes it.",
            "Mailbox",
        )
        .body(MailboxDraft::read, &[]),
        delete(
            "/voicemail/mailbox/{extension}",
            "Deletes a mailbox and its messages.",
            "VoicemailDeleted",
        ),
    ]
}

fn settings() -> Vec<Operation> {
    vec![
        get(
            "/settings",
            "The mail server, country and area code, emergency numbers, where nobody is forwarded to, and for how many days calls are kept.",
            "MailServer",
        ),
        put(
            "/settings",
            "Sets any of them, all or nothing.",
            "MailServer",
        )
        .body(
            |fields| (MailServerDraft::read(fields), SettingsDraft::read(fields)),
            &[],
        ),
        get(
            "/settings/codecs",
            "The order of codecs, and which there are.",
            "Codecs",
        ),
        put(
            "/settings/codecs",
            "Sets the order of codecs.",
            "CodecsSaved",
        )
        .body(|fields| fields.text("global_codecs"), &["global_codecs"]),
        get(
            "/settings/ip-whitelist",
            "From where phones may register and call.",
            "PhoneAddresses",
        ),
        put(
            "/settings/ip-whitelist",
            "Sets from where phones may register and call; the answer names phones that are shut out.",
            "PhoneAddressesSaved",
        )
        .body(PhoneAddressesDraft::read, &[]),
        get(
            "/settings/refused-phones",
            "Who tried to register or call and was refused, since the program started: the addresses with the most attempts.",
            "RefusedPhones",
        ),
    ]
}

fn audit() -> Vec<Operation> {
    vec![
        get("/audit", "Who changed what, newest first.", "ChangeSets")
            .paged()
            .query("offset", "int", "Leaves out this many; after is faster.")
            .query("username", "text", "Changes of this user or database role.")
            .query("action", "text", "Changes of this kind."),
        get("/audit/{tx}", "One set of changes.", "ChangeSet"),
        get(
            "/audit/{tx}/undo",
            "What taking it back would do, and what is in the way.",
            "Undo",
        ),
        post("/audit/{tx}/undo", "Takes a set of changes back.", "Undo")
            .optional_body("conflicts?:keep|take decisions?:{keep|take}"),
    ]
}
