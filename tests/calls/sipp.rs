//! The same signalling, seen by SIPp.

use crate::support::pbx;
use crate::support::sipp::SippPhone;

#[tokio::test]
async fn sipp_hears_ringing_before_the_answer_and_hangs_up() {
    let pbx = pbx().await;
    let (ada, bob) = (pbx.ext().create().await, pbx.ext().create().await);
    let (from, to) = (SippPhone::of(&pbx, &ada), SippPhone::of(&pbx, &bob));
    to.registers().await;
    let answering = to.answers();
    let calling = from.calls(&bob.number);
    tokio::join!(calling.ends_well(), answering.ends_well());
}

#[tokio::test]
async fn sipp_hears_the_true_reason() {
    let pbx = pbx().await;
    let (ada, bob) = (
        pbx.ext().create().await,
        pbx.ext().ring_time(5).create().await,
    );
    let (from, to) = (SippPhone::of(&pbx, &ada), SippPhone::of(&pbx, &bob));

    from.calls_in_vain("98989", 404).ends_well().await;
    from.calls_in_vain(&bob.number, 480).ends_well().await;

    to.registers().await;
    let busy = to.refuses(486, "Busy Here");
    tokio::join!(
        from.calls_in_vain(&bob.number, 486).ends_well(),
        busy.ends_well()
    );

    let declining = to.refuses(603, "Decline");
    tokio::join!(
        from.calls_in_vain(&bob.number, 480).ends_well(),
        declining.ends_well()
    );

    let ringing = to.rings();
    tokio::join!(
        from.calls_in_vain(&bob.number, 480).ends_well(),
        ringing.ends_well()
    );
}
