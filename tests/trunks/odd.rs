//! Requests of a provider that no provider should send: an error answer, and then quiet.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Trunk;
use crate::support::provider::Provider;
use crate::support::{Pbx, eventually, own_pbx, within};

/// Processor time of Asterisk until now, in the kernel's ticks (a hundredth of a second).
fn ticks(pbx: &Pbx) -> u64 {
    let pid = pbx.log("../run/asterisk.pid");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    let stat = stat.expect("Asterisk runs");
    // The name of the program, in brackets, may hold spaces.
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields[at].parse::<u64>().expect("a number");
    number(11) + number(12)
}

async fn is_idle(pbx: &Pbx) {
    eventually("no call is left over", || async {
        let said = pbx.cli("core show channels count").await;
        said.contains("0 active channels").then_some(())
    })
    .await;
    let limit = Duration::from_secs(20);
    let quiet_since = Cell::new((Instant::now(), ticks(pbx)));
    within(limit, "Asterisk has nothing to do for a second", || async {
        let (since, before) = quiet_since.get();
        let used = ticks(pbx);
        if used - before >= 20 {
            quiet_since.set((Instant::now(), used));
        }
        (used - before < 20 && since.elapsed() >= Duration::from_secs(1)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_invite_without_a_usable_number_is_refused_and_then_it_is_quiet() {
    let pbx = own_pbx("odd-invites").await;
    let provider = Provider::open(&pbx).await;
    let trunk = Trunk::registered(&pbx, &provider).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let host = pbx.value("GONOPBX_SIP_ADDRESS").to_owned();
    let long = "4".repeat(4096);
    let letters = "x".repeat(4096);
    let commas = "1,".repeat(500);
    for user in [
        "s",
        "h",
        "i",
        "t",
        "",
        "-",
        "_X.",
        "+",
        "0",
        &trunk.account,
        "%00",
        "%0d%0a",
        "%24%7BSHELL(id)%7D",
        "1%22%7C%221",
        "db%2Fx",
        &commas,
    ] {
        // An @ with nothing before it is no SIP, and ignored.
        let same = if user.is_empty() { "x" } else { user };
        for to in [format!("<sip:{host}>"), format!("<sip:{same}@{host}>")] {
            let call = provider.call("x").user(user).to(&to);
            let mut out = call.send().await;
            let shown: String = user.chars().take(20).collect();
            assert!(!out.is_ignored(), "no answer to {shown:?} in {to:.40}");
            let status = out.is_refused().await;
            assert!((400..500).contains(&status), "{shown:?}: {status}");
        }
    }
    for user in [&long, &letters] {
        let mut out = provider.call("x").user(user).send().await;
        assert!(!out.is_ignored(), "no answer to a user part of 4 kB");
        let status = out.is_refused().await;
        assert!((400..500).contains(&status), "4 kB: {status}");
    }
    is_idle(&pbx).await;
    // And it works as before.
    let mut out = provider.call(&trunk.numbers.plus(1)).send().await;
    ada.rings().await.busy().await;
    assert_eq!(out.is_refused().await, 486);
    assert!(!ada.has_rung().await);
}
