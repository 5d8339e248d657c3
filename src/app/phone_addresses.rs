//! From where phones may register and call. Asterisk asks for it with each endpoint it reads (views `asterisk_endpoints` and
//! `acls`), so a change forgets the endpoints and nothing else.

use std::net::{IpAddr, SocketAddr};

use super::work::{Applied, Proof};
use super::{App, Result};
use crate::domain::invalid::Code;
use crate::domain::phone_addresses::{PhoneAddresses, PhoneAddressesDraft};
use crate::domain::{Act, Actor, ExtNumber, Invalid};
use crate::store;

/// The name of the row in `pbx.setting`.
pub(super) const SETTING: &str = "ip_whitelist";
/// More do not help to see what is wrong.
const NAMED: usize = 20;

/// A phone that is registered now, from an address that is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    pub number: ExtNumber,
    pub address: IpAddr,
}

#[derive(Debug)]
pub struct Saved {
    pub addresses: PhoneAddresses,
    pub excluded: Vec<Excluded>,
    pub applied: Applied,
}

impl App {
    pub async fn phone_addresses(&self, actor: &Actor) -> Result<PhoneAddresses> {
        let _may = self.reading(actor, &Act::EditSettings).await?;
        Ok(self.settings().await?.phone_addresses.clone())
    }

    /// Unless it `may_exclude` them, no phone that is registered now is shut out.
    pub async fn edit_phone_addresses(
        &self,
        actor: &Actor,
        draft: PhoneAddressesDraft,
        may_exclude: bool,
    ) -> Result<Saved> {
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let before = super::settings::read(&store::settings::list(work.conn()).await?);
        let addresses = draft.check(&before.phone_addresses)?;
        let excluded = self.excluded(&addresses);
        if !excluded.is_empty() && !may_exclude {
            let named = excluded.iter().take(NAMED);
            let named: Vec<String> = named
                .map(|phone| format!("{} ({})", phone.number, phone.address))
                .collect();
            let mut invalid = Invalid::new();
            let phones = [("phones", named.join(", "))];
            invalid.add_with("ips", Code::PhonesExcluded, &phones);
            return Err(invalid.into());
        }
        store::settings::save(work.conn(), SETTING, &addresses.setting()).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_settings();
        Ok(Saved {
            addresses,
            excluded,
            applied,
        })
    }

    fn excluded(&self, addresses: &PhoneAddresses) -> Vec<Excluded> {
        let registered = self.hub.registered();
        let phones = registered.into_iter().filter_map(|(endpoint, address)| {
            let number = ExtNumber::parse(&endpoint).ok()?;
            let address = address.parse::<SocketAddr>().ok()?.ip().to_canonical();
            (!addresses.lets_in(address)).then_some(Excluded { number, address })
        });
        let mut phones: Vec<Excluded> = phones.collect();
        phones.sort_by(|a, b| (&a.number, a.address).cmp(&(&b.number, b.address)));
        phones.dedup();
        phones
    }
}
