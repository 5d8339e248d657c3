//! Who may do what: the table of `act`, read for one actor.

use super::act::Rule;
use super::{Act, Actor, Role};

pub fn may(actor: &Actor, act: &Act) -> bool {
    match (actor.role, act.rule()) {
        (Role::Admin, _) | (Role::User, Rule::Everyone) => true,
        (Role::User, Rule::Own) => act
            .extension()
            .is_some_and(|number| actor.extension.as_ref() == Some(number)),
        (Role::User, Rule::Admin) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ExtNumber;

    fn actor(role: Role, extension: &str) -> Actor {
        Actor {
            user_id: 1,
            username: "x".into(),
            role,
            extension: ExtNumber::parse(extension).ok(),
            session: uuid::Uuid::nil(),
            origin: String::new(),
            key: None,
        }
    }

    fn word(may: bool) -> &'static str {
        if may { "yes" } else { "-" }
    }

    #[test]
    fn the_table_of_who_may_what() {
        let own = ExtNumber::parse("1001").expect("legal");
        let foreign = ExtNumber::parse("1002").expect("legal");
        let (admin, user) = (actor(Role::Admin, ""), actor(Role::User, "1001"));
        let mut table = vec![format!("{:<30}{:<7}{:<6}foreign", "act", "admin", "own")];
        for (own, foreign) in Act::all(&own).iter().zip(&Act::all(&foreign)) {
            let other = match own.extension() {
                Some(_) => word(may(&user, foreign)),
                None => "",
            };
            let line = format!(
                "{:<30}{:<7}{:<6}{other}",
                own.name(),
                word(may(&admin, own) && may(&admin, foreign)),
                word(may(&user, own)),
            );
            table.push(line.trim_end().to_owned());
        }
        insta::assert_snapshot!(table.join("\n"), @r"
        act                           admin  own   foreign
        dashboard.view                yes    yes
        metrics.view                  yes    -
        extension.list                yes    yes
        extension.create              yes    -
        extension.import              yes    -
        extension.export              yes    -
        extension.edit_many           yes    -
        extension.weak_secret         yes    -
        extension.list_weak_secrets   yes    -
        call.list_all                 yes    -
        call.list_own                 yes    yes
        profile.edit                  yes    yes
        user.second_factor            yes    -
        key.edit                      yes    -
        trunk.list                    yes    -
        trunk.edit                    yes    -
        route.list                    yes    -
        route.edit                    yes    -
        forward.list                  yes    -
        settings.edit                 yes    -
        message.list_own              yes    yes
        message.list_all              yes    -
        asterisk.restart              yes    -
        change.list                   yes    -
        undo                          yes    -
        user.list                     yes    -
        user.create                   yes    -
        user.edit                     yes    -
        user.delete                   yes    -
        user.password                 yes    -
        user.assign_extension         yes    -
        user.sign_out                 yes    -
        call.end                      yes    -
        extension.view                yes    yes   -
        extension.edit                yes    -     -
        extension.rename              yes    -     -
        extension.delete              yes    -     -
        extension.assign_user         yes    -     -
        extension.history             yes    -     -
        call.place                    yes    yes   -
        extension.choose_outbound     yes    yes   -
        forward.edit                  yes    yes   -
        mailbox.use                   yes    yes   -
        mailbox.edit                  yes    yes   -
        mailbox.delete                yes    -     -
        ");
    }

    #[test]
    fn a_user_without_extension_owns_none() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert!(!may(&actor(Role::User, ""), &Act::ViewExtension(number)));
    }
}
