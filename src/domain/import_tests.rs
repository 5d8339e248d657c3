//! Tables as programs write them.

use super::*;
use crate::domain::Codecs;
use crate::domain::export::defused;

const RULES: Rules<'_> = Rules {
    emergency_numbers: &[],
    may_allow_weak: false,
};

fn checked(text: &str) -> Checked {
    let table = Table::read(text).expect("a table");
    table.check(RULES, &HashSet::from(["1099".to_owned()]))
}

fn refused(text: &str) -> Code {
    Table::read(text).expect_err("refused").problems()[0].code
}

#[test]
fn german_and_english_headings_and_all_separators_are_read() {
    for text in [
        "Nummer;Name;Klingeldauer;Max. Telefone;Aktiv;E-Mail\n1001;Büro;30;2;nein;a@b.de\n",
        "extension,caller_id,ring_time,max_contacts,enabled,email\r\n1001,Büro,30,2,no,a@b.de\r\n",
        "\u{feff}sep=\t\nNumber\tName\tRing-Time\tmax phones\tactive\te-mail\n\"1001\"\tBüro\t30\t2\toff\ta@b.de",
    ] {
        let checked = checked(text);
        assert!(checked.bad.is_empty(), "{text}: {:?}", checked.bad);
        let good = &checked.good[0];
        assert_eq!(good.edit.number.as_str(), "1001", "{text}");
        assert_eq!(good.edit.name.as_str(), "Büro", "{text}");
        assert_eq!(
            (good.edit.ring_time, good.edit.max_phones, good.edit.enabled),
            (30, 2, false)
        );
        let mailbox = good.mailbox.as_ref().expect("an address wants a mailbox");
        assert_eq!(mailbox.email.as_deref(), Some("a@b.de"));
        assert!(good.is_generated && good.is_pin_generated && !good.is_weak());
    }
}

#[test]
fn each_bad_row_is_listed_with_every_reason() {
    let text = "Nummer;Name;Passwort;Klingeldauer;Codecs;PIN\n\
        1001;Ada;;;;\n1001;Bob;;;;\n;nobody;;;;\n1099;taken;;;;\n01;x;abc;4;foo;1234\n1002;ok;abc123;;alaw;\n1003;;;zwölf;;\n1004;a;;;;;more\n";
    let checked = checked(text);
    let reasons: Vec<String> = checked
        .bad
        .iter()
        .map(|bad| {
            let codes = bad
                .invalid
                .problems()
                .iter()
                .map(|p| format!("{} {}", p.field, p.code.as_str()));
            format!("{}: {}", bad.line, codes.collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "3: extension row_twice",
            "4: extension required",
            "5: extension taken",
            "6: extension invalid_number, ring_time out_of_range, codecs unknown_codec, secret secret_too_short, pin pin_weak"
                .replace("ring_time out_of_range, codecs unknown_codec", "codecs unknown_codec, ring_time out_of_range")
                .as_str(),
            "8: ring_time malformed",
            "9: row too_many_cells",
        ]
    );
    let numbers: Vec<&str> = checked
        .good
        .iter()
        .map(|good| good.edit.number.as_str())
        .collect();
    assert_eq!(numbers, ["1001", "1002"]);
    assert!(checked.good[1].is_weak(), "taken, and listed");
    assert_eq!(checked.good[1].edit.codecs, Codecs::parse("alaw").ok());
}

#[test]
fn what_is_no_table_is_refused_with_its_reason() {
    assert_eq!(refused(""), Code::NoRows);
    assert_eq!(refused("Nummer;Name\n;;\n"), Code::NoRows);
    assert_eq!(refused("Name\nAda\n"), Code::MissingColumn);
    assert_eq!(refused("Nummer;Nebenstelle\n1;2\n"), Code::ColumnTwice);
    let many = "1001\n".repeat(MOST_ROWS + 1);
    assert_eq!(refused(&format!("Nummer\n{many}")), Code::TooManyRows);
    let table = Table::read("Nummer;Raum;Name\n1001;4.2;Ada\n").expect("a table");
    assert_eq!(table.unknown, ["Raum"]);
}

#[test]
fn files_are_utf_8_or_windows_1252_and_never_binary() {
    assert_eq!(
        decode("\u{feff}ä".as_bytes()).expect("text"),
        ("ä".to_owned(), false)
    );
    assert_eq!(
        decode(b"B\xFCro \x80").expect("text"),
        ("Büro €".to_owned(), true)
    );
    assert!(decode(b"\xFF\xFEN\0u\0").is_err(), "UTF-16");
    let large = decode(&vec![b'x'; MOST_BYTES + 1]).expect_err("too large");
    assert_eq!(large.problems()[0].code, Code::FileTooLarge);
}

#[test]
fn a_formula_is_text_for_a_spreadsheet_and_comes_back_as_it_was() {
    for text in ["=1+1", "+49", "-x", "@SUM(A1)", "'=1", "''+x"] {
        assert!(defused(text).starts_with('\''), "{text}");
        assert_eq!(armed(&defused(text)), text);
    }
    for text in ["Büro", "'n Abend", "a=b", ""] {
        assert_eq!((defused(text).as_str(), armed(text)), (text, text));
    }
}
