//! A customer who keeps to a contract: what stands in the letter, who they are, and how they call and are called.

use serde_json::{Value, json};

use super::{Contract, Place, Who};
use crate::support::Pbx;
use crate::support::phone::Phone;
use crate::support::provider::Written::{self, National};
use crate::support::provider::{Arrived, Draft, Provider, Rules, Sender};
use crate::trunks::next_name;

const PASSWORD: &str = "as in the letter";

#[derive(Debug)]
pub struct Customer<'a> {
    contract: &'a Contract,
    pub provider: Provider,
    /// Whose number is the second of ten.
    pub phone: Phone,
    trunk: Value,
    numbers: Numbers,
}

/// Ten numbers, in E.164, that nobody else in this run has.
#[derive(Debug)]
struct Numbers(String);

impl Numbers {
    fn claim(country: &str) -> Self {
        let name = next_name().0;
        let count = name.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok());
        let count = count.expect("a name with a number");
        let place = if country == "39" { "06" } else { "40" };
        Self(format!("+{country}{place}{count:04}0"))
    }

    fn nth(&self, n: u32) -> String {
        format!("{}{n}", self.0)
    }
}

/// A provider that is found by its name and insists on its contract.
async fn open(pbx: &Pbx, contract: &Contract, numbers: &Numbers) -> Provider {
    let provider = Provider::open(pbx).await;
    let (host, names) = (format!("sbc1.{}", contract.server), pbx.names());
    let address = provider.address();
    names.host(&host, &[address.ip()]);
    // Both are offered; which one to take is part of the contract.
    for way in ["udp", "tcp"] {
        let service = format!("_sip._{way}.{}", contract.server);
        names.service(&service, &[(10, &host, address.port())]);
    }
    let realm = contract
        .login
        .map_or("nobody is asked", |login| login.realm);
    provider.insists(realm, contract.rules(numbers));
    if let Some(login) = contract.login {
        provider.has_account(login.username, PASSWORD);
        provider.challenges_calls();
    }
    provider
}

impl<'a> Customer<'a> {
    /// With a trunk that is made of the letter, and somebody who is called.
    pub async fn of(pbx: &Pbx, contract: &'a Contract) -> Self {
        let numbers = Numbers::claim(contract.country);
        let provider = open(pbx, contract, &numbers).await;
        let admin = pbx.admin().await;
        let trunk = admin.post("/api/trunks/", &contract.letter(&numbers)).await;
        let trunk = trunk.expect(200);
        assert_eq!(trunk["live"], true, "{trunk}");
        assert_eq!(trunk["sip_server"], contract.server, "{trunk}");
        let phone = pbx.ext().name("Ada").phone().await;
        let route = json!({
            "did": numbers.nth(1), "trunk_id": trunk["id"], "destination_extension": phone.number,
        });
        admin.post("/api/routes/", &route).await.expect(200);
        if let Some(line) = contract.line(&numbers) {
            provider.is_registered(&line).await;
        }
        Self {
            contract,
            provider,
            phone,
            trunk,
            numbers,
        }
    }

    /// With a goodbye, which would go to whoever has the name by then.
    pub async fn leaves(&self, pbx: &Pbx) {
        let path = format!("/api/trunks/{}", self.trunk["id"]);
        pbx.admin().await.delete(&path).await.expect(200);
        if let Some(line) = self.contract.line(&self.numbers) {
            self.provider.is_unregistered(&line).await;
        }
    }

    pub async fn is_called(&self) {
        let mut out = self.call_in().await.send().await;
        let mut call = self.phone.rings().await;
        let as_one_would_dial_it_back = self.write(National, &self.contract.somebody());
        assert_eq!(call.caller_number(), as_one_would_dial_it_back);
        call.ring().await;
        out.rings().await;
        call.answer().await;
        out.is_answered().await;
        out.hang_up().await;
        call.other_side_hangs_up().await;
    }

    pub async fn calls(&self) {
        let somebody = self.contract.somebody();
        let mut out = self.phone.dial(&self.write(National, &somebody)).await;
        let mut call = tokio::select! {
            call = self.provider.rings() => call,
            status = out.is_refused() => panic!("the provider refused it: {status}"),
        };
        let dialled = self.write(self.contract.dialled, &somebody);
        assert_eq!(call.number(), dialled);
        self.is_shown(&call);
        for header in ["P-Asserted-Identity", "Diversion", "History-Info"] {
            assert_eq!(call.invite.header(header), "", "{header}");
        }
        call.ring().await;
        out.rings().await;
        call.answer().await;
        out.is_answered().await;
        call.hang_up().await;
        out.other_side_hangs_up().await;
    }

    /// Of a forwarded call the provider is told who forwards, only where it wants to know; never what a phone says.
    pub async fn calls_for_somebody(&self, pbx: &Pbx) {
        let (did, dialled) = (
            self.numbers.nth(1),
            self.write(National, &self.contract.somebody()),
        );
        let mut out = self.phone.dial_for(&did, &dialled).await;
        let call = self.provider.rings().await;
        assert_eq!(call.invite.header("Diversion"), "");
        call.refuse(486).await;
        assert_eq!(out.is_refused().await, 486);

        let (admin, colleague) = (pbx.admin().await, pbx.ext().phone().await);
        let fields = json!({
            "extension": self.phone.number, "forward_type": "unconditional", "destination": dialled,
        });
        let forward = admin.post("/api/callforward/", &fields).await.expect(200);
        let mut out = colleague.dial(&self.phone.number).await;
        let call = self.provider.rings().await;
        let diversion = call.invite.header("Diversion").to_owned();
        call.refuse(486).await;
        assert_eq!(out.is_refused().await, 486);
        let is_told = diversion.contains(did.trim_start_matches('+'));
        assert_eq!(is_told, self.contract.diversion, "{diversion}");
        let path = format!("/api/callforward/{}", forward["id"]);
        admin.delete(&path).await.expect(200);
    }

    /// The number that calls is where the provider looks for it.
    fn is_shown(&self, call: &Arrived) {
        let own = self.numbers.nth(1);
        let (shown, expected) = match (self.contract.sender, self.contract.preferred) {
            (Who::Caller(written), _) => (call.caller(), self.write(written, &own)),
            (_, Some(written)) => (
                call.identity("P-Preferred-Identity"),
                self.write(written, &own),
            ),
            // It shows one number, whoever calls.
            (who, None) => {
                let fixed = self.contract.name(who, &self.numbers);
                (call.caller(), fixed.expect("a fixed sender"))
            }
        };
        assert_eq!(shown, expected);
    }

    /// A call as this provider sends it.
    async fn call_in(&self) -> Draft<'_> {
        let (contract, provider) = (self.contract, &self.provider);
        let (place, written) = contract.called;
        let number = self.write(written, &self.numbers.nth(1));
        let caller = self.write(written, &contract.somebody());
        let call = match (contract.line(&self.numbers), place) {
            (None, _) => provider.call(&number),
            (Some(line), Place::RequestUri) => provider.call_registered(&line, &number).await,
            (Some(line), Place::To) => {
                let uri = provider.is_registered(&line).await;
                provider.call(&number).uri(&uri)
            }
        };
        let call = call
            .to(&format!("<sip:{number}@{}>", contract.domain))
            .from(&format!("<sip:{caller}@{}>", contract.domain));
        if contract.transport == "TCP" {
            call.over_tcp()
        } else {
            call
        }
    }

    fn write(&self, written: Written, number: &str) -> String {
        written.write(number, self.contract.country)
    }
}

impl Contract {
    /// In the same country.
    fn somebody(&self) -> String {
        let place = if self.country == "39" { "02" } else { "30" };
        format!("+{}{place}1234567", self.country)
    }

    fn name(&self, who: Who, numbers: &Numbers) -> Option<String> {
        match who {
            Who::Username => {
                let username = self.login?.username;
                Some(username.split('@').next().unwrap_or(username).to_owned())
            }
            Who::Main(written) => Some(written.write(&numbers.nth(0), self.country)),
            Who::Caller(_) => None,
        }
    }

    /// The address calls are registered for.
    fn line(&self, numbers: &Numbers) -> Option<String> {
        self.name(self.login?.line, numbers)
    }

    fn rules(&self, numbers: &Numbers) -> Rules {
        Rules {
            transport: self.transport,
            domain: self.domain.to_owned(),
            line: self.line(numbers),
            sender: match self.sender {
                Who::Caller(written) => Sender::Number(written),
                who => Sender::Line(self.name(who, numbers).expect("a fixed sender")),
            },
            preferred: self.preferred,
            dialled: self.dialled,
            country: self.country,
            customer: numbers.0.clone(),
        }
    }

    /// What a person copies from it.
    fn letter(&self, numbers: &Numbers) -> Value {
        let mut fields = json!({
            "name": next_name().0, "provider": self.provider, "auth_mode": "ip",
            "number_block": format!("{}-{}", numbers.nth(0), numbers.nth(9)),
        });
        if self.is_typed {
            fields["sip_server"] = json!(self.server);
        }
        if let Some(login) = self.login {
            fields["auth_mode"] = json!("registration");
            fields["username"] = json!(login.username);
            fields["password"] = json!(PASSWORD);
            for (field, written) in login.letter {
                fields[*field] = json!(written.write(&numbers.nth(0), self.country));
            }
        }
        fields
    }
}
