//! TLS to a provider: whom Asterisk believes, and what becomes of the sound.

use std::net::IpAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::draft;
use crate::support::certificate::Certificate;
use crate::support::phone::{Outgoing, TONE};
use crate::support::provider::Provider;
use crate::support::{eventually, pbx};

fn for_another(_own: &str) -> Certificate {
    Certificate::signed("IP:127.3.255.255")
}

/// Neither its name nor its password is sent to somebody who only says to be the provider.
#[tokio::test]
async fn a_provider_with_a_wrong_certificate_is_refused() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    for certificate in [for_another, Certificate::unsigned] {
        let provider = Provider::secure(&pbx, certificate).await;
        let trunk = draft(&pbx, &provider).with("transport", "tls");
        let trunk = trunk.create().await;
        let status = trunk.has_status("rejected").await;
        assert!(provider.connections() > 0, "nobody tried: {status}");
        assert!(provider.requests("REGISTER").is_empty(), "{status}");
        assert!(provider.requests("OPTIONS").is_empty(), "{status}");
        let page = visitor.open(&format!("/trunks/{}/check", trunk.id)).await;
        let said = page.expect(200).text();
        assert!(
            said.contains("its certificate is not to be trusted"),
            "{said}"
        );
        trunk.delete().await;
    }
}

#[tokio::test]
async fn the_check_trusts_whom_asterisk_trusts() {
    let pbx = pbx().await;
    let visitor = pbx.visitor("en").await;
    let provider = Provider::secure(&pbx, Certificate::signed).await;
    let trunk = draft(&pbx, &provider).with("transport", "tls");
    let trunk = trunk.create().await;
    trunk.has_status("registered").await;
    let path = format!("/trunks/{}/check", trunk.id);
    let said = visitor.open(&path).await.expect(200).text();
    assert!(said.contains("The server answers within"), "{said}");
    trunk.delete().await;
}

/// Where a provider hears what is said.
struct Ear {
    socket: UdpSocket,
    ip: IpAddr,
}

const CRYPTO: &str =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";

impl Ear {
    async fn open(provider: &Provider) -> Self {
        let ip = provider.address().ip();
        let socket = UdpSocket::bind((ip, 0)).await.expect("a port");
        Self { socket, ip }
    }

    fn sdp(&self, profile: &str, more: &str) -> String {
        let (ip, port) = (self.ip, self.socket.local_addr().expect("bound").port());
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} {profile} 8\r\n\
             a=rtpmap:8 PCMA/8000\r\n{more}a=sendrecv\r\n"
        )
    }

    /// The first packet of sound that comes while a phone speaks, without its header.
    async fn hears(&self, out: &Outgoing, length: usize) -> Vec<u8> {
        let mut sequence = 0;
        let step = Duration::from_millis(20);
        eventually("the provider hears the phone", || {
            sequence += 1;
            async move {
                out.speaks(sequence).await;
                let mut buffer = [0; 2048];
                let heard = timeout(step, self.socket.recv(&mut buffer)).await;
                let heard = heard.ok()?.expect("a packet");
                (heard == 12 + length).then(|| buffer[12..heard].to_vec())
            }
        })
        .await
    }
}

/// Sound is offered encrypted and taken as the provider wants it: many speak TLS and plain RTP.
#[tokio::test]
async fn sound_is_encrypted_when_the_provider_takes_part_and_plain_when_not() {
    let pbx = pbx().await;
    let provider = Provider::secure(&pbx, Certificate::signed).await;
    let trunk = draft(&pbx, &provider).with("transport", "tls");
    let trunk = trunk.create().await;
    provider.is_registered(&trunk.account).await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    // The tag of SRTP that says nobody has changed the packet takes ten bytes.
    for (more, length) in [("", 160), (CRYPTO, 170)] {
        let ear = Ear::open(&provider).await;
        let mut out = ada.dial("030123456").await;
        let mut call = provider.rings().await;
        let offer = call.invite.body.clone();
        assert!(
            offer.contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80"),
            "{offer}"
        );
        assert!(offer.contains(" RTP/AVP "), "{offer}");
        call.answer_with(ear.sdp("RTP/AVP", more)).await;
        out.is_answered().await;
        let heard = ear.hears(&out, length).await;
        assert_eq!(heard.starts_with(&TONE), more.is_empty(), "{heard:?}");
        out.hang_up().await;
        call.other_side_hangs_up().await;
    }
    trunk.delete().await;
}

#[tokio::test]
async fn a_call_from_outside_may_insist_on_encrypted_sound_or_know_nothing_of_it() {
    let pbx = pbx().await;
    let provider = Provider::secure(&pbx, Certificate::signed).await;
    let trunk = draft(&pbx, &provider).with("transport", "tls");
    let trunk = trunk.create().await;
    let ada = pbx.ext().phone().await;
    trunk.leads(1, &ada.number).await;
    let ear = Ear::open(&provider).await;
    for (profile, more) in [("RTP/SAVP", CRYPTO), ("RTP/AVP", CRYPTO), ("RTP/AVP", "")] {
        let number = trunk.numbers.plus(1);
        let call = provider.call_registered(&trunk.account, &number).await;
        let call = call.over_the_registration().sdp(ear.sdp(profile, more));
        let mut out = call.send().await;
        let mut call = ada.rings().await;
        assert!(
            !call.invite.body.contains("a=crypto"),
            "a phone over UDP would get the keys in the open: {}",
            call.invite.body
        );
        call.answer().await;
        let answer = out.is_answered().await.body;
        assert!(answer.contains(&format!(" {profile} ")), "{answer}");
        assert_eq!(answer.contains("a=crypto:1 "), !more.is_empty(), "{answer}");
        out.hang_up().await;
        call.other_side_hangs_up().await;
    }
    trunk.delete().await;
}

/// What a DBA chose for a trunk is not undone by the next change in the browser.
#[tokio::test]
async fn encryption_follows_the_transport_and_otherwise_stays_as_it_is() {
    let pbx = pbx().await;
    let (owner, dba) = (pbx.owner().await, pbx.dba().await);
    let provider = Provider::secure(&pbx, Certificate::signed).await;
    let trunk = draft(&pbx, &provider).with("transport", "tls");
    let trunk = trunk.with("enabled", false).create().await;
    let endpoint = format!("where id = 'trunk-ep-{}'", trunk.id);
    let stored = || {
        owner.does(&format!(
            "select media_encryption, media_encryption_optimistic from ps_endpoints {endpoint}"
        ))
    };
    assert_eq!(stored().trim(), "sdes|yes");
    dba.does(&format!(
        "update ps_endpoints set media_encryption = 'no' {endpoint}"
    ));
    trunk.change(serde_json::json!({"codecs": "alaw"})).await;
    assert_eq!(stored().trim(), "no|yes");
    trunk.change(serde_json::json!({"transport": "tcp"})).await;
    assert_eq!(stored().trim(), "|");
    trunk.change(serde_json::json!({"transport": "tls"})).await;
    assert_eq!(stored().trim(), "sdes|yes");
    trunk.delete().await;
}
