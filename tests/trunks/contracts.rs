//! Each provider's contract, kept by both sides: the provider refuses whoever does not connect, name themselves and write
//! numbers as its customers have to, and it is found by its name, as all of them are.

mod customer;

use crate::support::provider::Written::{self, Digits, National, Plus, Zeros};
use crate::support::{Pbx, named_pbx, own_named_pbx};
use customer::Customer;

/// Where the called number is when the provider calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestUri,
    /// The Request-URI is the contact that was registered.
    To,
}

/// Who a provider wants to see: the one who logs in, the main number, or the number that calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Username,
    Main(Written),
    Caller(Written),
}

#[derive(Debug, Clone, Copy)]
struct Contract {
    provider: &'static str,
    country: &'static str,
    /// The name under which DNS knows its servers, and whether a person types it.
    server: &'static str,
    is_typed: bool,
    transport: &'static str,
    /// None: the customer is known by a fixed address.
    login: Option<Login>,
    /// Host part of all addresses.
    domain: &'static str,
    sender: Who,
    /// How the caller's number is written in P-Preferred-Identity.
    preferred: Option<Written>,
    diversion: bool,
    dialled: Written,
    called: (Place, Written),
}

#[derive(Debug, Clone, Copy)]
struct Login {
    realm: &'static str,
    username: &'static str,
    /// Whose calls are registered for.
    line: Who,
    /// What the letter says besides user name and password.
    letter: &'static [(&'static str, Written)],
}

const PLUSNET_BASIC: Contract = Contract {
    provider: "plusnet_basic",
    country: "49",
    server: "sip.ipfonie.de",
    is_typed: false,
    transport: "UDP",
    login: Some(Login {
        realm: "sip.ipfonie.de",
        username: "iph123456",
        line: Who::Username,
        letter: &[],
    }),
    domain: "sip.ipfonie.de",
    sender: Who::Caller(Plus),
    preferred: None,
    diversion: true,
    dialled: Plus,
    called: (Place::RequestUri, Plus),
};

const PLUSNET_CONNECT: Contract = Contract {
    provider: "plusnet_connect",
    server: "sipconnect.ipfonie.de",
    login: Some(Login {
        realm: "sipconnect.ipfonie.de",
        username: "iph654321",
        line: Who::Username,
        letter: &[],
    }),
    domain: "sipconnect.ipfonie.de",
    ..PLUSNET_BASIC
};

const DEUTSCHLANDLAN: Contract = Contract {
    provider: "telekom_deutschlandlan",
    server: "reg.sip-trunk.telekom.de",
    transport: "TCP",
    login: Some(Login {
        realm: "sip-trunk.telekom.de",
        username: "551112345678",
        line: Who::Main(Plus),
        letter: &[("caller_id", Plus)],
    }),
    domain: "sip-trunk.telekom.de",
    ..PLUSNET_BASIC
};

const COMPANYFLEX: Contract = Contract {
    provider: "telekom_companyflex",
    server: "551234567890.primary.companyflex.de",
    is_typed: true,
    transport: "TCP",
    login: Some(Login {
        realm: "tel.t-online.de",
        username: "+49199296000000012345@tel.t-online.de",
        line: Who::Username,
        letter: &[],
    }),
    domain: "tel.t-online.de",
    ..PLUSNET_BASIC
};

const ALLIP: Contract = Contract {
    provider: "telekom_allip",
    server: "tel.t-online.de",
    transport: "TCP",
    login: Some(Login {
        realm: "tel.t-online.de",
        username: "somebody@t-online.de",
        line: Who::Main(Plus),
        letter: &[("from_user", Plus)],
    }),
    domain: "tel.t-online.de",
    sender: Who::Main(Plus),
    preferred: Some(Plus),
    diversion: false,
    ..PLUSNET_BASIC
};

const DUSNET: Contract = Contract {
    provider: "dusnet",
    server: "proxy.dus.net",
    login: Some(Login {
        realm: "proxy.dus.net",
        username: "000387123456",
        line: Who::Username,
        letter: &[],
    }),
    domain: "proxy.dus.net",
    sender: Who::Username,
    preferred: Some(Plus),
    diversion: false,
    dialled: Zeros,
    called: (Place::RequestUri, Zeros),
    ..PLUSNET_BASIC
};

const SIPGATE: Contract = Contract {
    provider: "sipgate",
    server: "sipconnect.sipgate.de",
    login: Some(Login {
        realm: "sipconnect.sipgate.de",
        username: "1234567t0",
        line: Who::Username,
        letter: &[],
    }),
    domain: "sipconnect.sipgate.de",
    sender: Who::Username,
    preferred: Some(Digits),
    dialled: Digits,
    called: (Place::To, Digits),
    ..PLUSNET_BASIC
};

const ILIAD: Contract = Contract {
    provider: "iliad_it",
    country: "39",
    server: "voip.iliad.it",
    login: Some(Login {
        realm: "voip.iliad.it",
        username: "customer39",
        line: Who::Main(Digits),
        letter: &[("from_user", Digits)],
    }),
    domain: "voip.iliad.it",
    sender: Who::Main(Digits),
    diversion: false,
    dialled: National,
    called: (Place::RequestUri, National),
    ..PLUSNET_BASIC
};

const CUSTOM: Contract = Contract {
    provider: "custom",
    server: "sip.provider.example",
    is_typed: true,
    login: Some(Login {
        realm: "another realm",
        username: "customer7",
        line: Who::Username,
        letter: &[],
    }),
    domain: "sip.provider.example",
    ..PLUSNET_BASIC
};

#[tokio::test]
async fn plusnet_basic_is_served() {
    let pbx = named_pbx().await;
    is_served(&pbx, &PLUSNET_BASIC).await;
    let fixed = Contract {
        login: None,
        ..PLUSNET_BASIC
    };
    is_served(&pbx, &fixed).await;
}

#[tokio::test]
async fn plusnet_connect_is_served() {
    let pbx = named_pbx().await;
    is_served(&pbx, &PLUSNET_CONNECT).await;
    let fixed = Contract {
        login: None,
        ..PLUSNET_CONNECT
    };
    is_served(&pbx, &fixed).await;
}

#[tokio::test]
async fn telekom_deutschlandlan_is_served() {
    let pbx = named_pbx().await;
    is_served(&pbx, &DEUTSCHLANDLAN).await;
    let fixed = Contract {
        server: "stat.sip-trunk.telekom.de",
        login: None,
        ..DEUTSCHLANDLAN
    };
    is_served(&pbx, &fixed).await;
}

#[tokio::test]
async fn telekom_companyflex_is_served() {
    is_served(&named_pbx().await, &COMPANYFLEX).await;
}

#[tokio::test]
async fn telekom_allip_is_served() {
    is_served(&named_pbx().await, &ALLIP).await;
}

#[tokio::test]
async fn dusnet_is_served() {
    is_served(&named_pbx().await, &DUSNET).await;
}

#[tokio::test]
async fn sipgate_is_served() {
    is_served(&named_pbx().await, &SIPGATE).await;
}

#[tokio::test]
async fn iliad_is_served() {
    // Its own: the country is a setting of the whole system.
    let pbx = own_named_pbx("italy").await;
    let owner = pbx.owner().await;
    owner.does("update pbx.setting set value = '\"39\"' where key = 'country_code'");
    is_served(&pbx, &ILIAD).await;
}

#[tokio::test]
async fn custom_is_served() {
    let pbx = named_pbx().await;
    is_served(&pbx, &CUSTOM).await;
    let fixed = Contract {
        login: None,
        ..CUSTOM
    };
    is_served(&pbx, &fixed).await;
}

/// What another provider would take is refused here, and the caller hears so.
#[tokio::test]
async fn who_does_not_keep_to_the_contract_is_refused() {
    let pbx = named_pbx().await;
    let server = "trunks.sipgate.example";
    let contract = Contract {
        provider: "custom",
        server,
        is_typed: true,
        domain: server,
        ..SIPGATE
    };
    let customer = Customer::of(&pbx, &contract).await;
    // Numbers with a plus are unknown there.
    let mut out = customer.phone.dial("0301234567").await;
    assert_eq!(out.is_refused().await, 404);
    assert!(!customer.provider.has_rung().await);
    customer.leaves(&pbx).await;
}

async fn is_served(pbx: &Pbx, contract: &Contract) {
    let customer = Customer::of(pbx, contract).await;
    customer.is_called().await;
    customer.calls().await;
    customer.calls_for_somebody(pbx).await;
    let registers = customer.provider.requests("REGISTER").len();
    assert_eq!(registers > 0, contract.login.is_some(), "{registers}");
    customer.leaves(pbx).await;
}
