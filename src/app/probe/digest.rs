//! The answer to a server that asks for the password (RFC 8760: MD5 and SHA-256).

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::Account;
use super::exchange::Reply;
use crate::domain::secret;

/// The header line that answers the first question we understand; none if it was not asked, or cannot be answered.
pub fn answer(reply: &Reply, method: &str, account: Account<'_>) -> Option<String> {
    let (asks, says) = match reply.status {
        401 => ("WWW-Authenticate", "Authorization"),
        407 => ("Proxy-Authenticate", "Proxy-Authorization"),
        _ => return None,
    };
    let cnonce = uuid::Uuid::new_v4().simple().to_string();
    let credentials = reply
        .all(asks)
        .find_map(|challenge| credentials(challenge, method, account, &cnonce))?;
    Some(format!("{says}: {credentials}\r\n"))
}

fn credentials(
    challenge: &str,
    method: &str,
    account: Account<'_>,
    cnonce: &str,
) -> Option<String> {
    let (scheme, rest) = challenge.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let parts = parameters(rest);
    let part = |wanted: &str| {
        let found = parts
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    };
    let algorithm = part("algorithm");
    let hash: fn(&str) -> String = match algorithm {
        None => hex::<Md5>,
        Some(name) if name.eq_ignore_ascii_case("MD5") => hex::<Md5>,
        Some(name) if name.eq_ignore_ascii_case("SHA-256") => hex::<Sha256>,
        Some(_) => return None,
    };
    let (realm, nonce) = (part("realm")?, part("nonce")?);
    let has_auth = part("qop").map(|qop| qop.split(',').any(|one| one.trim() == "auth"));
    let Account {
        user,
        password,
        registrar: uri,
        ..
    } = account;
    let secret = hash(&format!("{user}:{realm}:{password}"));
    let request = hash(&format!("{method}:{uri}"));
    let response = match has_auth {
        None => hash(&format!("{secret}:{nonce}:{request}")),
        Some(true) => hash(&format!(
            "{secret}:{nonce}:00000001:{cnonce}:auth:{request}"
        )),
        // It wants what nobody does (auth-int).
        Some(false) => return None,
    };
    let [user, realm, nonce, uri] = [user, realm, nonce, uri].map(quoted);
    let mut line = format!(
        "Digest username={user}, realm={realm}, nonce={nonce}, uri={uri}, response=\"{response}\""
    );
    if let Some(algorithm) = algorithm {
        write!(line, ", algorithm={algorithm}").ok()?;
    }
    if let Some(opaque) = part("opaque") {
        write!(line, ", opaque={}", quoted(opaque)).ok()?;
    }
    if has_auth.is_some() {
        write!(line, ", qop=auth, nc=00000001, cnonce=\"{cnonce}\"").ok()?;
    }
    Some(line)
}

/// `realm="a, b", nonce=c` as pairs, without quotes. A line break cannot be in it: it is one header.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_owned();
        let mut value = String::new();
        if let Some(inner) = after.strip_prefix('"') {
            let mut chars = inner.char_indices();
            let mut end = inner.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, c)| c)),
                    c => value.push(c),
                }
            }
            rest = &inner[end..];
        } else {
            let end = after.find(',').unwrap_or(after.len());
            after[..end].trim().clone_into(&mut value);
            rest = &after[end..];
        }
        pairs.push((name, value));
    }
    pairs
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn hex<D: Digest>(text: &str) -> String {
    secret::hex(&D::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: Account<'_> = Account {
        registrar: "/dir/index.html",
        address: "",
        user: "Mufasa",
        password: "Circle of Life",
    };

    /// The example of RFC 7616, section 3.9.1, computed by its two algorithms.
    #[test]
    fn the_answer_is_the_one_of_the_standard() {
        let challenge = |algorithm: &str| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let line = credentials(&challenge(algorithm), "GET", ACCOUNT, cnonce).expect("known");
            assert!(line.contains(&format!("response=\"{response}\"")), "{line}");
            assert!(line.contains("opaque=\"FQhe/"), "{line}");
        }
        assert_eq!(
            credentials(&challenge("MD5-sess"), "GET", ACCOUNT, cnonce),
            None
        );
        assert_eq!(
            credentials("Basic realm=\"x\"", "GET", ACCOUNT, cnonce),
            None
        );
    }

    #[test]
    fn quoted_values_may_hold_anything() {
        let pairs = parameters(r#"realm="a, \"b\"=c",nonce=d , qop="" "#);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [("realm", "a, \"b\"=c"), ("nonce", "d"), ("qop", "")]
        );
    }
}
