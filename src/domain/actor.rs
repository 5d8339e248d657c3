//! Who wants to do what.

use super::ExtNumber;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Admin,
    User,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "admin" => Some(Self::Admin),
            "user" => Some(Self::User),
            _ => None,
        }
    }
}

/// The one in whose name a request runs, checked at its door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub user_id: i64,
    pub username: String,
    pub role: Role,
    /// The extension this user owns.
    pub extension: Option<ExtNumber>,
    /// The session the request came with.
    pub session: uuid::Uuid,
    /// The address the request came from.
    pub origin: String,
}

/// Everything that can be wished for. The name is what the history shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    ViewDashboard,
    ListExtensions,
    ViewExtension(ExtNumber),
    CreateExtension,
    EditExtension(ExtNumber),
    RenameExtension(ExtNumber),
    DeleteExtension(ExtNumber),
    /// Many at once, from a table.
    ImportExtensions,
    ExportExtensions,
    /// One change of many, their deletion included.
    EditManyExtensions,
    UseWeakSecret,
    ListWeakSecrets,
    AssignUser(ExtNumber),
    ViewHistory(ExtNumber),
    /// The calls of everybody.
    ListAllCalls,
    /// The calls of the actor's own extension.
    ListOwnCalls,
    EditOwnProfile,
    ListTrunks,
    EditTrunks,
    ListRoutes,
    EditRoutes,
    ChooseOutbound(ExtNumber),
    /// Everybody's.
    ListForwards,
    EditForwards(ExtNumber),
    EditSettings,
    /// Whoever has an extension may have a mailbox.
    ListOwnMessages,
    ListAllMessages,
    /// To hear, mark and delete what is in it.
    UseMailbox(ExtNumber),
    EditMailbox(ExtNumber),
    DeleteMailbox(ExtNumber),
    RestartAsterisk,
    /// What anybody has changed.
    ViewChanges,
    UndoChanges,
    /// Calls in progress, whosever they are.
    EndCalls,
    /// To have the phones of an extension call somebody.
    PlaceCall(ExtNumber),
}

impl Act {
    pub fn name(&self) -> &'static str {
        match self {
            Self::ViewDashboard => "dashboard.view",
            Self::ListExtensions => "extension.list",
            Self::ViewExtension(_) => "extension.view",
            Self::CreateExtension => "extension.create",
            Self::EditExtension(_) => "extension.edit",
            Self::RenameExtension(_) => "extension.rename",
            Self::DeleteExtension(_) => "extension.delete",
            Self::ImportExtensions => "extension.import",
            Self::ExportExtensions => "extension.export",
            Self::EditManyExtensions => "extension.edit_many",
            Self::UseWeakSecret => "extension.weak_secret",
            Self::ListWeakSecrets => "extension.list_weak_secrets",
            Self::AssignUser(_) => "extension.assign_user",
            Self::ViewHistory(_) => "extension.history",
            Self::ListAllCalls => "call.list_all",
            Self::ListOwnCalls => "call.list_own",
            Self::EditOwnProfile => "profile.edit",
            Self::ListTrunks => "trunk.list",
            Self::EditTrunks => "trunk.edit",
            Self::ListRoutes => "route.list",
            Self::EditRoutes => "route.edit",
            Self::ChooseOutbound(_) => "extension.choose_outbound",
            Self::ListForwards => "forward.list",
            Self::EditForwards(_) => "forward.edit",
            Self::EditSettings => "settings.edit",
            Self::ListOwnMessages => "message.list_own",
            Self::ListAllMessages => "message.list_all",
            Self::UseMailbox(_) => "mailbox.use",
            Self::EditMailbox(_) => "mailbox.edit",
            Self::DeleteMailbox(_) => "mailbox.delete",
            Self::RestartAsterisk => "asterisk.restart",
            Self::ViewChanges => "change.list",
            Self::UndoChanges => "undo",
            Self::EndCalls => "call.end",
            Self::PlaceCall(_) => "call.place",
        }
    }
}
