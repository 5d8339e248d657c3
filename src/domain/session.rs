//! A login as its owner sees it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub origin: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What stands in the name that a program gives itself, and what people call it. The first that fits counts: most browsers
/// claim to be several others too.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Session {
    /// As in `Firefox, Linux`; the name of the program where it is no browser. Empty when it did not say.
    pub fn device(&self) -> String {
        let agent = self.user_agent.as_deref().unwrap_or_default();
        let find = |known: &[(&str, &'static str)]| {
            let found = known.iter().find(|(part, _)| agent.contains(part));
            found.map(|(_, name)| *name)
        };
        match (find(&BROWSERS), find(&SYSTEMS)) {
            (Some(browser), Some(system)) => format!("{browser}, {system}"),
            (Some(browser), None) => browser.to_owned(),
            _ => agent.split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(agent: &str) -> String {
        let session = Session {
            id: Uuid::nil(),
            origin: None,
            user_agent: Some(agent.to_owned()),
            created_at: DateTime::UNIX_EPOCH,
            used_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        };
        session.device()
    }

    #[test]
    fn a_browser_is_told_by_the_name_that_people_know() {
        let linux = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(device(linux), "Firefox, Linux");
        assert_eq!(device(edge), "Edge, Windows");
        assert_eq!(device(iphone), "Safari, iPhone");
        assert_eq!(device("curl/8.14.1"), "curl/8.14.1");
        assert_eq!(device(""), "");
    }
}
