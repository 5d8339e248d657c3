//! `gonopbx doctor`: says what is wrong and what to do, part by part; and what the dashboard says of the same.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use super::spool::{MADE_GOOD, problems};
use super::{SECONDS, health_is};
use crate::support::stack::Part;
use crate::support::{Pbx, own_pbx, within};

/// What it prints for each part, and whether it is content.
pub fn doctor(pbx: &Pbx, change: &[(&str, &str)]) -> (bool, HashMap<String, String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonopbx"));
    command.arg("doctor");
    for name in [
        "DATABASE_URL",
        "GONOPBX_AMI_ADDRESS",
        "GONOPBX_AMI_USER",
        "GONOPBX_AMI_SECRET",
        "GONOPBX_CDR_SPOOL",
    ] {
        command.env(name, pbx.value(name));
    }
    let output = command.envs(change.iter().copied()).output();
    let output = output.expect("the doctor");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = said.lines().filter_map(|line| {
        let (part, state) = line.split_at_checked(20)?;
        Some((part.trim().to_owned(), state.trim().to_owned()))
    });
    (output.status.success(), lines.collect())
}

#[tokio::test]
async fn the_doctor_looks_at_the_spool_of_finished_calls() {
    let pbx = own_pbx("doctor").await;
    health_is(&pbx, "asterisk", "connected").await;
    let (is_well, said) = doctor(&pbx, &[]);
    assert!(is_well, "{said:?}");
    for part in [
        "database",
        "dialplan rows",
        "asterisk",
        "start-up files",
        "finished calls",
    ] {
        assert_eq!(said.get(part).map(String::as_str), Some("ok"), "{said:?}");
    }
    let (is_well, said) = doctor(&pbx, &[("GONOPBX_CDR_SPOOL", "/no/such/folder")]);
    assert!(!is_well);
    assert!(
        said["finished calls"].starts_with("/no/such/folder cannot be used"),
        "{said:?}"
    );
    let kept = pbx.cdr_spool().join("unreadable.csv");
    std::fs::write(&kept, "\"\",\"2001\n\"x\n").expect("written");
    let (is_well, said) = doctor(&pbx, &[]);
    assert!(!is_well);
    let told = format!("2 lines are no calls: look at {}", kept.display());
    assert!(said["finished calls"].starts_with(&told), "{said:?}");
    std::fs::remove_file(&kept).expect("removed");
    let (is_well, said) = doctor(&pbx, &[("GONOPBX_AMI_SECRET", "another one")]);
    assert!(!is_well);
    assert!(said["asterisk"].contains("refused"), "{said:?}");
    assert_eq!(said["finished calls"], "ok", "one fault hides no other");
}

/// The start-up file that says which table answers which question, as a version before the list of addresses had it.
fn make_older(data: &Path) {
    let file = data.join("asterisk/extconfig.conf");
    let text = std::fs::read_to_string(&file).expect("extconfig.conf");
    let older: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with("acls"))
        .map(|line| line.replace("asterisk_endpoints", "ps_endpoints"))
        .collect();
    std::fs::write(&file, older.join("\n")).expect("written");
}

#[tokio::test]
async fn an_asterisk_from_before_an_upgrade_is_told_by_dashboard_and_doctor_until_its_restart() {
    let pbx = own_pbx("doctor-upgrade").await;
    let admin = pbx.admin().await;
    assert!(
        !problems(&admin)
            .await
            .contains(&"asterisk_outdated".to_owned())
    );
    // It has read older files, and the server comes anew, as after an upgrade.
    make_older(pbx.data());
    pbx.cli("core reload").await;
    pbx.stop(Part::Server).await;
    pbx.begin(Part::Server).await;
    within(SECONDS, "the dashboard says so", || async {
        let told = problems(&admin).await;
        told.contains(&"asterisk_outdated".to_owned()).then_some(())
    })
    .await;
    let (is_well, said) = doctor(&pbx, &[]);
    assert!(!is_well);
    assert!(
        said["start-up files"].contains("does not ask for ps_endpoints, acls: restart it"),
        "{said:?}"
    );
    let visitor = pbx.visitor("en").await;
    let page = visitor.open("/").await.expect(200);
    assert!(
        page.shows("files from before the upgrade"),
        "{}",
        page.text()
    );
    assert!(
        page.html
            .contains("<a href=\"/settings\">Asterisk still runs"),
        "a link"
    );
    let page = visitor.open("/settings").await.expect(200);
    assert!(page.shows("counts from its restart on"), "{}", page.text());

    // Its restart makes its files anew.
    let form = page.form("/settings/restart").set("when", "idle");
    visitor.submit(&form).await.expect(200);
    within(MADE_GOOD, "nothing is said any more", || async {
        let told = problems(&admin).await;
        let is_over = !told.iter().any(|code| code.starts_with("asterisk"));
        is_over.then_some(())
    })
    .await;
    let (is_well, said) = doctor(&pbx, &[]);
    assert!(is_well, "{said:?}");
}

#[tokio::test]
async fn an_asterisk_that_refuses_the_login_is_told_from_one_that_is_away() {
    let pbx = own_pbx("refused-login").await;
    let admin = pbx.admin().await;
    let file = pbx.data().join("asterisk/manager.conf");
    let text = std::fs::read_to_string(&file).expect("manager.conf");
    let other = text.replace(pbx.value("GONOPBX_AMI_SECRET"), "another one");
    assert_ne!(text, other);
    pbx.stop(Part::Server).await;
    std::fs::write(&file, &other).expect("written");
    pbx.cli("manager reload").await;
    pbx.begin(Part::Server).await;
    within(SECONDS, "it says so", || async {
        let told = problems(&admin).await;
        told.contains(&"asterisk_refuses".to_owned()).then_some(())
    })
    .await;
    assert!(!problems(&admin).await.contains(&"asterisk_away".to_owned()));
    let page = pbx.visitor("de").await.open("/").await.expect(200);
    assert!(
        page.shows("Asterisk weist das Konto von GonoPBX ab"),
        "{}",
        page.text()
    );
    let health = pbx.anonymous().get("/api/health").await;
    assert_eq!(health.status, 503, "{}", health.text);
    std::fs::write(&file, &text).expect("written");
    pbx.cli("manager reload").await;
    // It tries again after ten seconds at most.
    within(MADE_GOOD, "it is let in again", || async {
        let health = pbx.anonymous().get("/api/health").await;
        (health.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_database_that_answers_with_errors_is_told_from_one_that_is_away() {
    let pbx = own_pbx("database-fails").await;
    let admin = pbx.admin().await;
    let owner = pbx.owner().await;
    owner.does("alter table pbx.mail rename to hidden");
    within(SECONDS, "it says so", || async {
        let told = problems(&admin).await;
        told.contains(&"database_failing".to_owned()).then_some(())
    })
    .await;
    for _ in 0..3 {
        assert_eq!(pbx.anonymous().get("/api/health").await.status, 503);
    }
    let log = pbx.log("server.log");
    let told = log
        .matches("the database does not answer how the system is")
        .count();
    // On a busy machine one may have been late, which is another trouble.
    assert!((1..3).contains(&told), "not at each question: {log}");
    assert!(log.contains("pbx.mail"), "with its cause: {log}");
    owner.does("alter table pbx.hidden rename to mail");
    health_is(&pbx, "database", "connected").await;
}
