//! TLS to a provider: whom Asterisk believes.

use super::draft;
use crate::support::certificate::Certificate;
use crate::support::pbx;
use crate::support::provider::Provider;

fn for_another(_own: &str) -> Certificate {
    Certificate::signed("IP:127.3.255.255")
}

/// Neither its name nor its password is sent to somebody who only says to be the provider.
#[tokio::test]
async fn a_provider_with_a_wrong_certificate_is_refused() {
    let pbx = pbx().await;
    for certificate in [for_another, Certificate::unsigned] {
        let provider = Provider::secure(&pbx, certificate).await;
        let trunk = draft(&pbx, &provider).with("transport", "tls");
        let trunk = trunk.create().await;
        let status = trunk.has_status("rejected").await;
        assert!(provider.connections() > 0, "nobody tried: {status}");
        assert!(provider.requests("REGISTER").is_empty(), "{status}");
        assert!(provider.requests("OPTIONS").is_empty(), "{status}");
        trunk.delete().await;
    }
}
