//! Whether the running Asterisk was started with the start-up files of this program. One that was started before an upgrade
//! goes on with what it read then: tables and views that are new to it (the list of addresses is one) do not exist for it
//! until it is restarted.

use super::App;
use crate::ami::{Action, Ami, Failure};
use crate::live::Topic;

/// Which table answers which question, as this program needs it.
const MAPPINGS: &str = include_str!("../../asterisk/etc/extconfig.conf");

/// The questions that the running Asterisk asks nobody, or another table than it should.
pub async fn outdated(ami: &Ami) -> Result<Vec<&'static str>, Failure> {
    let action = Action::command("core show config mappings");
    let reply = ami.send(action).await?.response;
    Ok(missing(&reply.output().unwrap_or_default()))
}

impl App {
    /// Whether Asterisk has to be restarted to use all of its start-up files.
    pub fn is_asterisk_outdated(&self) -> bool {
        *self.outdated.borrow()
    }

    /// After a login, and while it was so: somebody may have had it read its files.
    pub(super) async fn look_at_start_files(&self) {
        let is_outdated = match outdated(&self.ami).await {
            Ok(missing) if missing.is_empty() => false,
            Ok(missing) => {
                if !self.is_asterisk_outdated() {
                    let questions = missing.join(", ");
                    tracing::warn!(
                        questions,
                        "Asterisk was started with older files: restart it"
                    );
                }
                true
            }
            Err(failure) => {
                tracing::debug!(%failure, "Asterisk does not tell its files");
                return;
            }
        };
        let is_news = self.outdated.send_if_modified(|before| {
            let is_news = *before != is_outdated;
            *before = is_outdated;
            is_news
        });
        if is_news {
            self.hub.publish(Topic::System);
        }
    }
}

/// `family => driver,database,table`; without a table it is called as the family.
fn wanted() -> impl Iterator<Item = (&'static str, &'static str)> {
    MAPPINGS.lines().filter_map(|line| {
        let (family, answer) = line.split(';').next()?.split_once("=>")?;
        let table = answer.split(',').nth(2).unwrap_or(family);
        Some((family.trim(), table.trim()))
    })
}

/// `===> family (db=database, table=table)`, as `core show config mappings` prints it.
fn loaded(line: &str) -> Option<(&str, &str)> {
    let (family, answer) = line.strip_prefix("===> ")?.split_once(" (db=")?;
    let (_, table) = answer.split_once(", table=")?;
    Some((family, table.trim_end().strip_suffix(')')?))
}

fn missing(printed: &str) -> Vec<&'static str> {
    let loaded: Vec<_> = printed.lines().filter_map(loaded).collect();
    let missing = wanted().filter(|wanted| !loaded.contains(wanted));
    missing.map(|(family, _)| family).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(change: impl Fn(&str, &str) -> Option<String>) -> String {
        let mut text = "Config Engine: odbc\nConfig Engine: pgsql\n".to_owned();
        for line in wanted().filter_map(|(family, table)| change(family, table)) {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn as_it_is(family: &str, table: &str) -> String {
        format!("===> {family} (db=gonopbx, table={table})")
    }

    #[test]
    fn what_is_not_asked_or_asked_of_another_table_is_missing() {
        assert!(wanted().count() > 15);
        assert!(wanted().any(|wanted| wanted == ("ps_endpoints", "asterisk_endpoints")));
        assert!(wanted().any(|wanted| wanted == ("acls", "acls")));
        let all = printed(|family, table| Some(as_it_is(family, table)));
        assert_eq!(missing(&all), <[&str; 0]>::default());
        let older = printed(|family, table| match family {
            "acls" => None,
            "ps_endpoints" => Some(as_it_is(family, "ps_endpoints")),
            _ => Some(as_it_is(family, table)),
        });
        assert_eq!(missing(&older), ["ps_endpoints", "acls"]);
        assert_eq!(missing("").len(), wanted().count());
    }
}
