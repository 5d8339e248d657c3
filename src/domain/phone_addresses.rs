//! From where phones may register and call: everywhere, or only from these addresses. Trunks have their own.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::fields::{Fields, Given};
use super::invalid::{Code, Invalid};
use super::network::Net;

/// Asterisk reads all of them for each phone.
pub const MOST: usize = 200;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneAddresses {
    pub enabled: bool,
    pub nets: Vec<Net>,
}

impl PhoneAddresses {
    /// As `pbx.setting` holds it. What somebody wrote in SQL and no rule knows is not an address.
    pub fn from_setting(value: &Value) -> Self {
        let nets = value["ips"].as_array().into_iter().flatten();
        Self {
            enabled: value["enabled"] == true,
            nets: nets
                .filter_map(|net| Net::parse(net.as_str()?).ok())
                .collect(),
        }
    }

    pub fn setting(&self) -> Value {
        json!({"enabled": self.enabled, "ips": self.words()})
    }

    pub fn words(&self) -> Vec<String> {
        self.nets.iter().map(|net| net.short()).collect()
    }

    pub fn lets_in(&self, address: IpAddr) -> bool {
        !self.enabled || self.nets.iter().any(|net| net.contains(address))
    }
}

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct PhoneAddressesDraft {
    pub enabled: Given<bool>,
    pub ips: Given<Vec<String>>,
}

impl PhoneAddressesDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            enabled: fields.flag("enabled"),
            ips: fields.words("ips"),
        }
    }

    pub fn check(self, before: &PhoneAddresses) -> Result<PhoneAddresses, Invalid> {
        let mut invalid = Invalid::new();
        let mut nets: Vec<Net> = Vec::new();
        match self.ips {
            Given::Absent => nets.clone_from(&before.nets),
            Given::Null => {}
            Given::Value(words) if words.len() > MOST => {
                let limits = [("min", "0".to_owned()), ("max", MOST.to_string())];
                invalid.add_with("ips", Code::OutOfRange, &limits);
            }
            Given::Value(words) => {
                for word in words {
                    let net = invalid.note("ips", Net::parse(word.trim()));
                    nets.extend(net.filter(|net| !nets.contains(net)));
                }
            }
        }
        let enabled = self.enabled.value().unwrap_or(before.enabled);
        // No phone could register any more.
        if enabled && nets.is_empty() && invalid.is_empty() {
            invalid.add("ips", Code::Required);
        }
        invalid.or(PhoneAddresses { enabled, nets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<PhoneAddresses, Vec<&'static str>> {
        let mut fields = Fields::from_json(serde_json::from_str(json).expect("test JSON"));
        let draft = PhoneAddressesDraft::read(&mut fields);
        let checked = draft.check(&PhoneAddresses::default());
        checked.map_err(|invalid| invalid.problems().iter().map(|p| p.code.as_str()).collect())
    }

    #[test]
    fn only_these_addresses_are_let_in_once_it_is_on() {
        let on = check(r#"{"enabled": true, "ips": ["10.1.2.3/8", "2001:db8::/32", "192.0.2.7"]}"#);
        let on = on.expect("legal");
        assert_eq!(on.words(), ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);
        let lets_in = |address: &str| on.lets_in(address.parse().expect("an address"));
        assert!(lets_in("10.255.0.1") && lets_in("::ffff:10.0.0.1") && lets_in("2001:db8::1"));
        assert!(!lets_in("11.0.0.1") && !lets_in("192.0.2.8") && !lets_in("2001:db9::1"));
        assert_eq!(PhoneAddresses::from_setting(&on.setting()), on);
        let off = PhoneAddresses {
            enabled: false,
            ..on
        };
        assert!(off.lets_in("11.0.0.1".parse().expect("an address")));
    }

    #[test]
    fn an_address_that_is_none_is_named_and_nobody_is_locked_out_by_an_empty_list() {
        assert_eq!(
            check(r#"{"ips": ["300.1.1.1"]}"#),
            Err(vec!["invalid_network"])
        );
        assert_eq!(
            check(r#"{"ips": ["0.0.0.0/0"]}"#),
            Err(vec!["invalid_network"])
        );
        assert_eq!(
            check(r#"{"enabled": true, "ips": []}"#),
            Err(vec!["required"])
        );
        assert_eq!(check(r#"{"enabled": true}"#), Err(vec!["required"]));
    }
}
