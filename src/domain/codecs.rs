//! Audio codecs, in the order they are offered.

use super::invalid::{Code, Wrong};

/// What a phone may speak, with the name people know it by. The first three are always there; the others depend on
/// what Asterisk was built with, and are only offered to the other side, never forced.
pub const AVAILABLE: [(&str, &str); 6] = [
    ("ulaw", "G.711 µ-law"),
    ("alaw", "G.711 A-law"),
    ("g722", "G.722 HD"),
    ("opus", "Opus"),
    ("g729", "G.729"),
    ("gsm", "GSM"),
];

/// At least one codec, none twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codecs(Vec<&'static str>);

impl Codecs {
    /// Reads `alaw, g722`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let mut codecs = Vec::new();
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let known = AVAILABLE
                .iter()
                .find(|(id, _)| id.eq_ignore_ascii_case(name));
            let Some((id, _)) = known else {
                return Err(Wrong::new(Code::UnknownCodec)
                    .with("codec", name.chars().take(20).collect::<String>()));
            };
            if !codecs.contains(id) {
                codecs.push(*id);
            }
        }
        if codecs.is_empty() {
            Err(Wrong::new(Code::NoCodec))
        } else {
            Ok(Self(codecs))
        }
    }

    /// What a column holds, also what a DBA wrote there; codecs we do not know are left out.
    pub fn from_column(column: &str) -> Self {
        let known = column.split(',').map(str::trim);
        Self(
            known
                .filter_map(|name| {
                    AVAILABLE
                        .iter()
                        .find(|(id, _)| *id == name)
                        .map(|(id, _)| *id)
                })
                .collect(),
        )
    }

    pub fn column(&self) -> String {
        self.0.join(",")
    }

    pub fn ids(&self) -> &[&'static str] {
        &self.0
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self(vec!["ulaw", "alaw", "g722"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_and_doubles_are_dropped() {
        assert_eq!(
            Codecs::parse(" alaw, G722,alaw ").expect("legal").column(),
            "alaw,g722"
        );
    }

    #[test]
    fn an_unknown_codec_is_named_and_none_is_refused() {
        assert_eq!(
            Codecs::parse("alaw,foo").expect_err("refused"),
            Wrong::new(Code::UnknownCodec).with("codec", "foo")
        );
        assert_eq!(
            Codecs::parse(" , ").expect_err("refused").code,
            Code::NoCodec
        );
    }
}
