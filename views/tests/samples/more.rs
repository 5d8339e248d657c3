//! The pages about trunks, numbers and settings.

use std::time::Duration;

use views::page::Done;
use views::settings::Settings;
use views::settings::audio::Audio;
use views::settings::mail::{Failed, Mail, Queue, Trouble, Values as MailValues};
use views::settings::network::{Network, Values};
use views::settings::phones::{Attempts, Phones, Reason, Refused};
use views::settings::restart::{InUse, Last, Restart};
use views::trunks::check::{Answer, Name, Registration};
use views::trunks::{Refusal, check, choose, delete, form, list, numbers, overview};
use views::ui::form::FieldErrors;
use views::ui::state::Live;
use views::{Flash, Markup, Page, Texts, Who, extensions};

use super::extensions as samples_of_extensions;
use super::numbers as number;
use super::voicemail;
use super::{EVIL, ago, dashboard, trunks};

pub fn pages(page: &Page<'_>, base: &str) -> Vec<(&'static str, Markup)> {
    let mut pages = trunk_pages(page, base);
    pages.extend(check_pages(page, base));
    pages.extend(number_pages(page));
    pages.extend(voicemail::pages(page));
    pages.extend([
        ("settings", views::settings::page(page, &settings())),
        (
            "network-refused",
            views::settings::page(page, &network_refused(page.texts)),
        ),
        (
            "settings-phones-refused",
            views::settings::page(page, &phones_refused(page.texts)),
        ),
        (
            "settings-waits",
            views::settings::page(page, &settings_wait(Last::Waiting { since: ago(30) })),
        ),
        (
            "settings-back",
            views::settings::page(
                page,
                &settings_wait(Last::Done {
                    back: ago(30),
                    took: Duration::from_millis(4210),
                    applied: false,
                }),
            ),
        ),
        (
            "settings-refused-restart",
            views::settings::page(page, &settings_wait(Last::Refused(EVIL.into()))),
        ),
        (
            "settings-restarting",
            views::settings::page(page, &settings_away(Last::Ending { since: ago(30) })),
        ),
        (
            "settings-lost",
            views::settings::page(page, &settings_away(Last::Lost { since: ago(30) })),
        ),
        ("mail", views::settings::mail::page(page, &mail())),
        (
            "mail-empty",
            views::settings::mail::page(page, &Mail::default()),
        ),
        (
            "settings-refused",
            views::settings::page(page, &settings_refused(page.texts)),
        ),
    ]);
    pages
}

fn trunk_pages(page: &Page<'_>, base: &str) -> Vec<(&'static str, Markup)> {
    let texts = page.texts;
    let states = trunks::states();
    let state = |index: usize| states[index].clone();
    vec![
        ("trunks", list::page(page, &trunks::list(base))),
        (
            "trunks-empty",
            list::page(page, &list::List { trunks: vec![] }),
        ),
        ("trunk-choose", choose::page(page, &trunks::offers(base))),
        ("trunk-new", form::new(page, &trunks::new(base))),
        (
            "trunk-new-refused",
            form::new(page, &trunks::new_refused(base, texts)),
        ),
        ("trunk-edit", form::edit(page, &trunks::edit(base))),
        (
            "trunk",
            overview::page(page, &trunks::overview(base, state(0))),
        ),
        (
            "trunk-rejected",
            overview::page(page, &trunks::overview(base, state(1))),
        ),
        (
            "trunk-fixed",
            overview::page(page, &trunks::overview(base, state(2))),
        ),
        (
            "trunk-disabled",
            overview::page(page, &trunks::overview(base, state(6))),
        ),
        (
            "trunk-unknown",
            overview::page(page, &trunks::overview(base, state(8))),
        ),
        (
            "trunk-numbers",
            numbers::page(page, &trunks::numbers(base, 100)),
        ),
        (
            "trunk-numbers-all-used",
            numbers::page(page, &trunks::numbers(base, 4)),
        ),
        (
            "trunk-numbers-empty",
            numbers::page(page, &trunks::numbers(base, 0)),
        ),
        (
            "trunk-delete",
            delete::page(page, &trunks::delete(base, true)),
        ),
        (
            "trunk-delete-unused",
            delete::page(page, &trunks::delete(base, false)),
        ),
    ]
}

fn check_pages(page: &Page<'_>, base: &str) -> Vec<(&'static str, Markup)> {
    let states = trunks::states();
    let done = Done::TrunkCreated("Hauptanschluss".into());
    let flashed = Page {
        flash: Some(Flash::live(&done, Duration::from_millis(84), page.texts)),
        ..page.clone()
    };
    let open = |name, answer, registration| {
        let check = trunks::check_open(base, name, answer, registration);
        check::page(page, &check)
    };
    let own_address = || Name::Found(vec!["203.0.113.17".into()]);
    let no_answer = Registration::Refused {
        status: None,
        why: Refusal::NoAnswer,
    };
    vec![
        (
            "trunk-check",
            check::page(&flashed, &trunks::check(base, states[0].clone())),
        ),
        (
            "trunk-check-refused",
            check::page(page, &trunks::check(base, states[1].clone())),
        ),
        (
            "trunk-check-waiting",
            open(Name::Waiting, Answer::Waiting, Some(Registration::Waiting)),
        ),
        (
            "trunk-check-fixed",
            open(own_address(), Answer::In(Duration::from_millis(7)), None),
        ),
        (
            "trunk-check-silent",
            open(Name::NotFound, Answer::Silent, Some(no_answer)),
        ),
        (
            "trunk-check-unanswered",
            open(
                Name::Unanswered,
                Answer::NoTls("received corrupt message".into()),
                None,
            ),
        ),
        (
            "trunk-check-disabled",
            open(own_address(), Answer::Waiting, Some(Registration::Disabled)),
        ),
        (
            "trunk-check-away",
            open(
                own_address(),
                Answer::Waiting,
                Some(Registration::Unknown { since: None }),
            ),
        ),
    ]
}

fn number_pages(page: &Page<'_>) -> Vec<(&'static str, Markup)> {
    let texts = page.texts;
    let user = Page {
        user: Some(Who {
            name: "nadja".into(),
            is_admin: false,
        }),
        ..page.clone()
    };
    let of_extension = |page, numbers| extensions::numbers::page(page, &numbers);
    vec![
        ("numbers", views::numbers::list::page(page, &number::list())),
        (
            "numbers-none",
            views::numbers::list::page(page, &number::no_match()),
        ),
        (
            "numbers-empty",
            views::numbers::list::page(page, &number::empty(true)),
        ),
        (
            "numbers-no-trunk",
            views::numbers::list::page(page, &number::empty(false)),
        ),
        (
            "number-new",
            views::numbers::form::new(page, &number::new(texts)),
        ),
        (
            "number-edit",
            views::numbers::form::edit(page, &number::edit()),
        ),
        (
            "extension-numbers",
            of_extension(page, number::of_extension(texts)),
        ),
        (
            "extension-numbers-own",
            of_extension(&user, number::of_own_extension()),
        ),
        (
            "extension-numbers-without",
            of_extension(page, number::of_extension_without(true)),
        ),
        (
            "extension-numbers-no-trunk",
            of_extension(page, number::of_extension_without(false)),
        ),
    ]
}

fn settings() -> Settings {
    Settings {
        country_code: "49".into(),
        area_code: "421".into(),
        emergency_numbers: "110, 112".into(),
        history_days: "365".into(),
        barred_forwards: "0900, 0137, +979".into(),
        errors: FieldErrors::default(),
        phones: Phones::default(),
        refused: Refused {
            since: ago(40_000),
            total: 1_204,
            worst: vec![Attempts {
                address: "2001:db8:1234:5678:9abc:def0:1234:5678".into(),
                count: 1_203,
                name: EVIL.into(),
                reason: Reason::UnknownName,
                last: ago(20),
            }],
        },
        audio: Audio {
            codecs: samples_of_extensions::codecs(true),
            errors: FieldErrors::default(),
        },
        system: dashboard::empty_dashboard(true).system,
        network: Network {
            typed: Values::default(),
            environment: values(""),
            errors: FieldErrors::default(),
        },
        restart: Restart {
            last: Last::None,
            now: Live::Known(InUse {
                values: values(""),
                next: values(""),
                sip_port: "5060".into(),
                sips_port: None,
                calls: 0,
                is_outdated: false,
            }),
        },
    }
}

fn values(external_address: &str) -> Values {
    Values {
        external_address: external_address.into(),
        local_nets: "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7".into(),
        rtp_ports: "10000-10100".into(),
    }
}

fn settings_wait(last: Last) -> Settings {
    Settings {
        restart: Restart {
            last,
            now: Live::Known(InUse {
                values: values(""),
                next: values("2001:db8::7"),
                sip_port: "5060".into(),
                sips_port: Some("5061".into()),
                calls: 3,
                is_outdated: true,
            }),
        },
        ..settings()
    }
}

fn settings_away(last: Last) -> Settings {
    let now = Live::Unknown {
        since: Some(ago(20)),
    };
    Settings {
        restart: Restart { last, now },
        ..settings()
    }
}

fn settings_refused(texts: &Texts) -> Settings {
    let mut errors = FieldErrors::default();
    errors.add("country_code", texts.error("required", &[]));
    errors.add("emergency_numbers", texts.error("malformed", &[]));
    Settings {
        country_code: String::new(),
        emergency_numbers: EVIL.into(),
        history_days: EVIL.into(),
        barred_forwards: EVIL.into(),
        errors,
        ..settings()
    }
}

fn phones_refused(texts: &Texts) -> Settings {
    let mut errors = FieldErrors::default();
    errors.add(
        "ips",
        texts.error("phones_excluded", &[("phones", EVIL.into())]),
    );
    Settings {
        phones: Phones {
            enabled: true,
            ips: EVIL.into(),
            asks: true,
            errors,
        },
        ..settings()
    }
}

fn network_refused(texts: &Texts) -> Settings {
    let mut errors = FieldErrors::default();
    errors.add("rtp_ports", texts.error("malformed", &[]));
    Settings {
        network: Network {
            typed: values(EVIL),
            environment: values(""),
            errors,
        },
        ..settings()
    }
}

fn mail() -> Mail {
    let mut errors = FieldErrors::default();
    errors.add("smtp_host", EVIL.into());
    let trouble = |code| {
        Some(Trouble {
            code,
            answer: EVIL.into(),
        })
    };
    Mail {
        values: MailValues {
            host: EVIL.into(),
            port: "587".into(),
            encryption: "starttls".into(),
            username: EVIL.into(),
            has_password: true,
            sender: EVIL.into(),
            sender_name: EVIL.into(),
        },
        test_errors: errors.clone(),
        errors,
        recipient: EVIL.into(),
        queue: Queue {
            waiting: 2,
            next: Some(ago(-30)),
            trouble: trouble("unreachable"),
            failed_count: 1,
            failed: vec![Failed {
                mailbox: "1001".into(),
                recipient: EVIL.into(),
                at: ago(300),
                trouble: trouble("recipient"),
            }],
        },
    }
}
