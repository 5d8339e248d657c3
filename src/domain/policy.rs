//! Who may do what: one pure table.

use super::{Act, Actor, ExtNumber, Role};

pub fn may(actor: &Actor, act: &Act) -> bool {
    if actor.role == Role::Admin {
        return true;
    }
    let own = |number: &ExtNumber| actor.extension.as_ref() == Some(number);
    match act {
        Act::ViewDashboard
        | Act::ListExtensions
        | Act::ListOwnCalls
        | Act::ListOwnMessages
        | Act::EditOwnProfile => true,
        Act::ViewExtension(number)
        | Act::ChooseOutbound(number)
        | Act::EditForwards(number)
        | Act::UseMailbox(number)
        | Act::EditMailbox(number)
        | Act::PlaceCall(number) => own(number),
        Act::CreateExtension
        | Act::EditExtension(_)
        | Act::RenameExtension(_)
        | Act::DeleteExtension(_)
        | Act::ImportExtensions
        | Act::ExportExtensions
        | Act::EditManyExtensions
        | Act::UseWeakSecret
        | Act::ListWeakSecrets
        | Act::AssignUser(_)
        | Act::ViewHistory(_)
        | Act::ListAllCalls
        | Act::ListTrunks
        | Act::EditTrunks
        | Act::ListRoutes
        | Act::EditRoutes
        | Act::ListForwards
        | Act::EditSettings
        | Act::ListAllMessages
        | Act::DeleteMailbox(_)
        | Act::RestartAsterisk
        | Act::ViewChanges
        | Act::UndoChanges
        | Act::EndCalls => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, extension: &str) -> Actor {
        Actor {
            user_id: 1,
            username: "x".into(),
            role,
            extension: ExtNumber::parse(extension).ok(),
            session: uuid::Uuid::nil(),
            origin: String::new(),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn a_user_sees_the_own_extension_and_changes_no_configuration() {
        let own = ExtNumber::parse("1001").expect("legal");
        let other = ExtNumber::parse("1002").expect("legal");
        let own_number = own.clone();
        let forwarding = own.clone();
        let (own_phone, other_phone) = (own.clone(), other.clone());
        let (own_box, other_box) = (own.clone(), other.clone());
        let user = actor(Role::User, "1001");
        let table: Vec<String> = [
            Act::ViewDashboard,
            Act::ListExtensions,
            Act::ViewExtension(own.clone()),
            Act::ViewExtension(other.clone()),
            Act::CreateExtension,
            Act::EditExtension(own.clone()),
            Act::RenameExtension(own.clone()),
            Act::DeleteExtension(own.clone()),
            Act::ImportExtensions,
            Act::ExportExtensions,
            Act::EditManyExtensions,
            Act::UseWeakSecret,
            Act::ListWeakSecrets,
            Act::AssignUser(own.clone()),
            Act::ViewHistory(own),
            Act::ListAllCalls,
            Act::ListOwnCalls,
            Act::EditOwnProfile,
            Act::ListTrunks,
            Act::EditTrunks,
            Act::ListRoutes,
            Act::EditRoutes,
            Act::ChooseOutbound(own_number),
            Act::ChooseOutbound(other.clone()),
            Act::ListForwards,
            Act::EditForwards(forwarding),
            Act::EditForwards(other),
            Act::EditSettings,
            Act::ListOwnMessages,
            Act::ListAllMessages,
            Act::UseMailbox(own_box.clone()),
            Act::UseMailbox(other_box.clone()),
            Act::EditMailbox(own_box.clone()),
            Act::EditMailbox(other_box),
            Act::DeleteMailbox(own_box),
            Act::RestartAsterisk,
            Act::ViewChanges,
            Act::UndoChanges,
            Act::EndCalls,
            Act::PlaceCall(own_phone),
            Act::PlaceCall(other_phone),
        ]
        .iter()
        .map(|act| {
            assert!(
                may(&actor(Role::Admin, ""), act),
                "an admin may {}",
                act.name()
            );
            format!(
                "{} {}",
                act.name(),
                if may(&user, act) { "yes" } else { "no" }
            )
        })
        .collect();
        insta::assert_snapshot!(table.join("\n"), @r"
        dashboard.view yes
        extension.list yes
        extension.view yes
        extension.view no
        extension.create no
        extension.edit no
        extension.rename no
        extension.delete no
        extension.import no
        extension.export no
        extension.edit_many no
        extension.weak_secret no
        extension.list_weak_secrets no
        extension.assign_user no
        extension.history no
        call.list_all no
        call.list_own yes
        profile.edit yes
        trunk.list no
        trunk.edit no
        route.list no
        route.edit no
        extension.choose_outbound yes
        extension.choose_outbound no
        forward.list no
        forward.edit yes
        forward.edit no
        settings.edit no
        message.list_own yes
        message.list_all no
        mailbox.use yes
        mailbox.use no
        mailbox.edit yes
        mailbox.edit no
        mailbox.delete no
        asterisk.restart no
        change.list no
        undo no
        call.end no
        call.place yes
        call.place no
        ");
    }

    #[test]
    fn a_user_without_extension_owns_none() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert!(!may(&actor(Role::User, ""), &Act::ViewExtension(number)));
    }
}
