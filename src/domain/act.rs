//! Everything that can be wished for, and what the role `user` may of it: one table. An admin may everything.

use super::ExtNumber;

/// What the role `user` may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Always: it is about the actor, or shows only what is theirs.
    Everyone,
    /// With the own extension.
    Own,
    Admin,
}

macro_rules! acts {
    (
        general { $($(#[$doc:meta])* $general:ident = $name:literal, $rule:ident;)* }
        of_an_extension { $($(#[$of_doc:meta])* $of:ident = $of_name:literal, $of_rule:ident;)* }
    ) => {
        /// One wish. Its name is what the history shows.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Act {
            $($(#[$doc])* $general,)*
            $($(#[$of_doc])* $of(ExtNumber),)*
        }

        impl Act {
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$general => $name,)*
                    $(Self::$of(_) => $of_name,)*
                }
            }

            pub fn rule(&self) -> Rule {
                match self {
                    $(Self::$general => Rule::$rule,)*
                    $(Self::$of(_) => Rule::$of_rule,)*
                }
            }

            /// The extension it is about.
            pub fn extension(&self) -> Option<&ExtNumber> {
                match self {
                    $(Self::$general => None,)*
                    $(Self::$of(number) => Some(number),)*
                }
            }

            /// All there are, those of an extension with this one.
            pub fn all(number: &ExtNumber) -> Vec<Self> {
                vec![$(Self::$general,)* $(Self::$of(number.clone()),)*]
            }
        }
    };
}

acts! {
    general {
        ViewDashboard = "dashboard.view", Everyone;
        /// Numbers about everything, for programs that watch over the system.
        ViewMetrics = "metrics.view", Admin;
        /// The directory, without secrets.
        ListExtensions = "extension.list", Everyone;
        CreateExtension = "extension.create", Admin;
        /// Many at once, from a table.
        ImportExtensions = "extension.import", Admin;
        ExportExtensions = "extension.export", Admin;
        /// One change of many, their deletion included.
        EditManyExtensions = "extension.edit_many", Admin;
        UseWeakSecret = "extension.weak_secret", Admin;
        ListWeakSecrets = "extension.list_weak_secrets", Admin;
        /// The calls of everybody.
        ListAllCalls = "call.list_all", Admin;
        /// The calls of the actor's own extension.
        ListOwnCalls = "call.list_own", Everyone;
        EditOwnProfile = "profile.edit", Everyone;
        /// Somebody else's.
        TakeSecondFactor = "user.second_factor", Admin;
        /// Those of programs.
        ManageKeys = "key.edit", Admin;
        ListTrunks = "trunk.list", Admin;
        EditTrunks = "trunk.edit", Admin;
        ListRoutes = "route.list", Admin;
        EditRoutes = "route.edit", Admin;
        /// Everybody's.
        ListForwards = "forward.list", Admin;
        EditSettings = "settings.edit", Admin;
        /// Whoever has an extension may have a mailbox.
        ListOwnMessages = "message.list_own", Everyone;
        ListAllMessages = "message.list_all", Admin;
        RestartAsterisk = "asterisk.restart", Admin;
        /// What anybody has changed.
        ViewChanges = "change.list", Admin;
        UndoChanges = "undo", Admin;
        ListUsers = "user.list", Admin;
        CreateUser = "user.create", Admin;
        EditUser = "user.edit", Admin;
        DeleteUser = "user.delete", Admin;
        /// Of somebody else, who did not forget it on purpose.
        SetUserPassword = "user.password", Admin;
        AssignExtension = "user.assign_extension", Admin;
        /// To see where somebody is logged in, and to end that.
        EndSessions = "user.sign_out", Admin;
        /// Calls in progress, whosever they are.
        EndCalls = "call.end", Admin;
    }
    of_an_extension {
        ViewExtension = "extension.view", Own;
        EditExtension = "extension.edit", Admin;
        RenameExtension = "extension.rename", Admin;
        DeleteExtension = "extension.delete", Admin;
        AssignUser = "extension.assign_user", Admin;
        ViewHistory = "extension.history", Admin;
        /// To have the phones of an extension call somebody.
        PlaceCall = "call.place", Own;
        ChooseOutbound = "extension.choose_outbound", Own;
        EditForwards = "forward.edit", Own;
        /// To hear, mark and delete what is in it.
        UseMailbox = "mailbox.use", Own;
        EditMailbox = "mailbox.edit", Own;
        DeleteMailbox = "mailbox.delete", Admin;
    }
}
