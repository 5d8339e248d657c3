//! Phones over TCP and TLS. A phone over TLS accepts nothing but the certificate that the admin gave.

use crate::support::pbx_behind_nat;
use crate::support::phone::Over;

#[tokio::test]
async fn phones_register_and_call_over_tls_and_over_tcp() {
    let pbx = pbx_behind_nat().await;
    let phones = [Over::Tls, Over::Tcp, Over::Udp];
    let mut desks = Vec::new();
    for over in phones {
        let phone = pbx.ext().create().await.phone_over(over).await;
        desks.push(phone);
    }
    let [ada, bob, eve] = &desks[..] else {
        unreachable!("three were made")
    };
    for (from, to) in [(ada, bob), (bob, ada), (eve, ada), (ada, eve)] {
        let mut out = from.dial(&to.number).await;
        let mut call = to.rings().await;
        assert_eq!(call.caller_number(), from.number);
        call.ring().await;
        out.rings().await;
        call.answer().await;
        let answer = out.is_answered().await;
        assert!(
            answer.body.contains("c=IN IP4 127.0.0.1"),
            "a phone in the own network is told the own address: {}",
            answer.body
        );
        out.hang_up().await;
        call.other_side_hangs_up().await;
    }
    let mut echo = ada.dial("*43").await;
    echo.is_answered().await;
    echo.hears_an_echo().await;
    echo.hang_up().await;
    assert_eq!(ada.unregister().await, 200);
    assert_eq!(bob.tries(ada).await, 480);
}

#[tokio::test]
async fn a_wrong_password_is_refused_over_tls_too() {
    let pbx = pbx_behind_nat().await;
    let ada = pbx.ext().create().await;
    let phone = pbx.phone_over(Over::Tls, &ada.number, "not-the-one").await;
    assert_eq!(phone.register().await, 401);
}
