//! A call that rings at somebody else's phone is picked up.

use std::time::Duration;

use super::{AT_ONCE, only_call_of};
use crate::support::pbx::Draft;
use crate::support::phone::Phone;
use crate::support::poll::PATIENCE;
use crate::support::{Pbx, eventually, pbx, within};

/// What a phone says arrives as it is.
fn alaw(pbx: &Pbx) -> Draft<'_> {
    pbx.ext().with("codecs", "alaw")
}

/// The ringing phone stops, and picker and caller talk; then the caller hangs up. Longer than this nobody has talked.
async fn is_picked_up(ada: &Phone, bob: &Phone, eve: &Phone, code: &str) -> Duration {
    let mut out = ada.dial(&bob.number).await;
    let call = bob.rings().await;
    call.ring().await;
    out.rings().await;

    let picks = async {
        let mut picked = eve.dial(code).await;
        picked.is_answered().await;
        picked
    };
    let (picked, _, ()) = tokio::join!(picks, out.is_answered(), call.stops_ringing());
    assert_eq!(out.heard, [180, 200], "one call, answered once");
    out.is_heard_by_caller(&picked).await;
    picked.is_heard_by_caller(&out).await;
    // The history counts whole seconds.
    out.sings(Duration::from_millis(1100)).await;
    let longest = out.started.elapsed();
    out.hang_up().await;
    picked.other_side_hangs_up().await;
    longest
}

#[tokio::test]
async fn a_call_of_the_own_group_is_picked_up() {
    let pbx = pbx().await;
    let group = format!("g{}", pbx.free_number());
    let ada = alaw(&pbx).phone().await;
    let bob = alaw(&pbx).with("pickup_group", &*group).phone().await;
    let eve = alaw(&pbx).with("pickup_group", &*group).phone().await;
    let longest = is_picked_up(&ada, &bob, &eve, "*8").await;

    // Asterisk writes the part until it was picked up first, and then the rest.
    let told = eventually("both parts of the call are in the history", || async {
        let told = only_call_of(&pbx, &ada.number).await;
        (told["billsec"].as_u64() >= Some(1)).then_some(told)
    })
    .await;
    assert_eq!(told["src"], *ada.number, "{told}");
    assert_eq!(told["dst"], *bob.number, "{told}");
    assert_eq!(told["outcome"], "answered", "{told}");
    assert_eq!(told["disposition"], "ANSWERED", "{told}");
    let owner = pbx.owner().await;
    let mut ends = [ada.number.clone(), bob.number.clone(), eve.number.clone()].to_vec();
    ends.sort_unstable();
    let talked = told["billsec"].as_u64().unwrap_or_default();
    assert!(talked <= longest.as_secs() + 1, "{told}");
    let answered = format!("PJSIP/{}-", eve.number);
    let dstchannel = told["dstchannel"].as_str().unwrap_or_default();
    assert!(dstchannel.starts_with(&answered), "who answered: {told}");
    let legs = told["legs"].as_array().cloned().unwrap_or_default();
    let spoken = legs.iter().filter(|leg| leg["disposition"] == "ANSWERED");
    let spoken: Vec<_> = spoken.map(|leg| &leg["dstchannel"]).collect();
    assert_eq!(spoken, [dstchannel], "nobody else has answered: {told}");
    let sql = "select array(select distinct unnest(extensions) order by 1), direction from pbx.call where linkedid = $1";
    let linkedid = told["linkedid"].as_str().unwrap_or_default();
    let kept: Vec<(Vec<String>, String)> = owner.rows(sql, &[linkedid]).await;
    assert_eq!(kept, [(ends, "internal".to_owned())], "{told}");
    let of_eve = only_call_of(&pbx, &eve.number).await;
    assert_eq!(of_eve["linkedid"], told["linkedid"], "{of_eve}");
}

#[tokio::test]
async fn the_ringing_call_of_an_extension_is_picked_up_by_its_number() {
    let pbx = pbx().await;
    let (ada, bob, eve) = (
        alaw(&pbx).phone().await,
        alaw(&pbx).phone().await,
        alaw(&pbx).phone().await,
    );
    let code = format!("*8{}", bob.number);
    is_picked_up(&ada, &bob, &eve, &code).await;
    // The leg until it was picked up may be filed before the rest.
    eventually("the whole call is in the history", || async {
        let told = only_call_of(&pbx, &bob.number).await;
        (told["outcome"] == "answered").then_some(())
    })
    .await;
}

#[tokio::test]
async fn of_two_who_pick_up_one_gets_the_call_and_every_phone_stops() {
    let pbx = pbx().await;
    let bob = pbx.ext().create().await;
    let (desk, softphone) = (bob.phone().await, bob.phone().await);
    let (ada, eve, joe) = (
        pbx.ext().phone().await,
        pbx.ext().phone().await,
        pbx.ext().phone().await,
    );
    let mut out = ada.dial(&bob.number).await;
    let (first, second) = tokio::join!(desk.rings(), softphone.rings());
    first.ring().await;
    second.ring().await;
    out.rings().await;
    let code = format!("*8{}", bob.number);
    let picks = async |phone: &Phone| {
        let mut picked = phone.dial(&code).await;
        let status = picked.ends_with().await;
        (status == 200).then_some(picked)
    };
    let (eve, joe, _, (), ()) = tokio::join!(
        picks(&eve),
        picks(&joe),
        out.is_answered(),
        first.stops_ringing(),
        second.stops_ringing()
    );
    assert_eq!(out.heard, [180, 200], "one call, answered once");
    // Each may have got another one of the two phones that rang; then one of them is hung up on at once.
    let mut answered: Vec<_> = [eve, joe].into_iter().flatten().collect();
    within(PATIENCE, "only one of the two has the call", || {
        if answered.len() > 1 {
            answered.retain_mut(|call| !call.is_over());
        }
        let left = answered.len();
        async move { (left == 1).then_some(()) }
    })
    .await;
    let mut winner = answered.pop().expect("one");
    winner.is_up().await;
    out.hang_up().await;
    winner.other_side_hangs_up().await;
}

#[tokio::test]
async fn where_nothing_rings_nobody_answers() {
    let pbx = pbx().await;
    let group = format!("g{}", pbx.free_number());
    let eve = pbx.ext().with("pickup_group", &*group).phone().await;
    let idle = pbx.ext().with("pickup_group", &*group).phone().await;
    let nobody = pbx.ext().phone().await;
    for (phone, code) in [
        (&eve, "*8".to_owned()),
        (&eve, format!("*8{}", idle.number)),
        (&eve, format!("*8{}", pbx.free_number())),
        (&nobody, "*8".to_owned()),
    ] {
        let refused = phone.dial(&code).await.is_refused_within(AT_ONCE).await;
        assert_eq!(refused, 480, "{code}");
    }
    // Not one of these is read as anything but an unknown number.
    for code in ["*81x", "*82001&PJSIP/2002", "*82001,p", "*810${EXTEN}"] {
        let code = code
            .replace('$', "%24")
            .replace('{', "%7B")
            .replace('}', "%7D");
        let refused = eve.dial(&code).await.is_refused_within(AT_ONCE).await;
        assert_eq!(refused, 404, "{code}");
    }
}

#[tokio::test]
async fn another_group_does_not_pick_it_up() {
    let pbx = pbx().await;
    let (ours, theirs) = (
        format!("g{}", pbx.free_number()),
        format!("g{}", pbx.free_number()),
    );
    let ada = pbx.ext().phone().await;
    let bob = pbx.ext().with("pickup_group", ours).phone().await;
    let eve = pbx.ext().with("pickup_group", theirs).phone().await;
    let mut out = ada.dial(&bob.number).await;
    let mut call = bob.rings().await;
    call.ring().await;
    out.rings().await;
    assert_eq!(
        eve.dial("*8").await.is_refused_within(AT_ONCE).await,
        480,
        "another group"
    );
    call.answer().await;
    out.is_answered().await;
    out.hang_up().await;
    call.other_side_hangs_up().await;
}
