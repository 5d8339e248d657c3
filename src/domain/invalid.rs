//! What is wrong with an input: which field, which rule, and the rule's limits. Knows no language: the code is
//! stable, the sentence belongs to whoever answers.

use std::collections::BTreeMap;

/// A broken rule. The text form is part of the REST contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Required,
    Malformed,
    TooLong,
    TooShort,
    InvalidCharacters,
    InvalidNumber,
    Taken,
    EmergencyNumber,
    EmergencyIsExtension,
    InvalidContext,
    UnknownCodec,
    NoCodec,
    OutOfRange,
    InvalidPickupGroup,
    SecretWeak,
    SecretTooShort,
    SecretCharacters,
    WrongPassword,
    PasswordsDiffer,
    SamePassword,
    OtpWrong,
    InvalidScope,
    InThePast,
    SecondFactorOn,
    UnknownUser,
    InvalidDate,
    InvalidLanguage,
    InvalidDid,
    BlockTooLarge,
    BlockReversed,
    BlockOverlaps,
    UnknownExtension,
    InvalidDestination,
    InvalidForwardType,
    ForwardLoop,
    ForwardExists,
    UnknownTrunk,
    UnknownProvider,
    DidTaken,
    DidNotAssigned,
    ServerRequired,
    CredentialsRequired,
    InvalidHost,
    InvalidAuthMode,
    InvalidTransport,
    NameTaken,
    BlockTaken,
    UnknownHost,
    NoNameServer,
    InvalidNetwork,
    InvalidPortRange,
    InvalidPin,
    PinWeak,
    InvalidEmail,
    RowTwice,
    MissingColumn,
    ColumnTwice,
    NotText,
    NoRows,
    TooManyRows,
    FileTooLarge,
    TooManyCells,
    SearchTooShort,
    UndoExpired,
    NotUndoable,
    PhoneOffline,
    PhoneRefused,
    ExtensionDisabled,
    OwnNumber,
    NotDialable,
    InvalidPrefix,
    PremiumNumber,
    PhonesExcluded,
    InvalidUsername,
    InvalidRole,
    LastAdmin,
}

impl Code {
    pub const ALL: [Self; 76] = [
        Self::Required,
        Self::Malformed,
        Self::TooLong,
        Self::TooShort,
        Self::InvalidCharacters,
        Self::InvalidNumber,
        Self::Taken,
        Self::EmergencyNumber,
        Self::EmergencyIsExtension,
        Self::InvalidContext,
        Self::UnknownCodec,
        Self::NoCodec,
        Self::OutOfRange,
        Self::InvalidPickupGroup,
        Self::SecretWeak,
        Self::SecretTooShort,
        Self::SecretCharacters,
        Self::WrongPassword,
        Self::PasswordsDiffer,
        Self::SamePassword,
        Self::OtpWrong,
        Self::InvalidScope,
        Self::InThePast,
        Self::SecondFactorOn,
        Self::UnknownUser,
        Self::InvalidDate,
        Self::InvalidLanguage,
        Self::InvalidDid,
        Self::BlockTooLarge,
        Self::BlockReversed,
        Self::BlockOverlaps,
        Self::UnknownExtension,
        Self::InvalidDestination,
        Self::InvalidForwardType,
        Self::ForwardLoop,
        Self::ForwardExists,
        Self::UnknownTrunk,
        Self::UnknownProvider,
        Self::DidTaken,
        Self::DidNotAssigned,
        Self::ServerRequired,
        Self::CredentialsRequired,
        Self::InvalidHost,
        Self::InvalidAuthMode,
        Self::InvalidTransport,
        Self::NameTaken,
        Self::BlockTaken,
        Self::UnknownHost,
        Self::NoNameServer,
        Self::InvalidNetwork,
        Self::InvalidPortRange,
        Self::InvalidPin,
        Self::PinWeak,
        Self::InvalidEmail,
        Self::RowTwice,
        Self::MissingColumn,
        Self::ColumnTwice,
        Self::NotText,
        Self::NoRows,
        Self::TooManyRows,
        Self::FileTooLarge,
        Self::TooManyCells,
        Self::SearchTooShort,
        Self::UndoExpired,
        Self::NotUndoable,
        Self::PhoneOffline,
        Self::PhoneRefused,
        Self::ExtensionDisabled,
        Self::OwnNumber,
        Self::NotDialable,
        Self::InvalidPrefix,
        Self::PremiumNumber,
        Self::PhonesExcluded,
        Self::InvalidUsername,
        Self::InvalidRole,
        Self::LastAdmin,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::InvalidCharacters => "invalid_characters",
            Self::InvalidNumber => "invalid_number",
            Self::Taken => "taken",
            Self::EmergencyNumber => "emergency_number",
            Self::EmergencyIsExtension => "emergency_is_extension",
            Self::InvalidContext => "invalid_context",
            Self::UnknownCodec => "unknown_codec",
            Self::NoCodec => "no_codec",
            Self::OutOfRange => "out_of_range",
            Self::InvalidPickupGroup => "invalid_pickup_group",
            Self::SecretWeak => "secret_weak",
            Self::SecretTooShort => "secret_too_short",
            Self::SecretCharacters => "secret_characters",
            Self::WrongPassword => "wrong_password",
            Self::PasswordsDiffer => "passwords_differ",
            Self::SamePassword => "same_password",
            Self::OtpWrong => "otp_wrong",
            Self::InvalidScope => "invalid_scope",
            Self::InThePast => "in_the_past",
            Self::SecondFactorOn => "second_factor_on",
            Self::UnknownUser => "unknown_user",
            Self::InvalidDate => "invalid_date",
            Self::InvalidLanguage => "invalid_language",
            Self::InvalidDid => "invalid_did",
            Self::BlockTooLarge => "block_too_large",
            Self::BlockReversed => "block_reversed",
            Self::BlockOverlaps => "block_overlaps",
            Self::UnknownExtension => "unknown_extension",
            Self::InvalidDestination => "invalid_destination",
            Self::InvalidForwardType => "invalid_forward_type",
            Self::ForwardLoop => "forward_loop",
            Self::ForwardExists => "forward_exists",
            Self::UnknownTrunk => "unknown_trunk",
            Self::UnknownProvider => "unknown_provider",
            Self::DidTaken => "did_taken",
            Self::DidNotAssigned => "did_not_assigned",
            Self::ServerRequired => "server_required",
            Self::CredentialsRequired => "credentials_required",
            Self::InvalidHost => "invalid_host",
            Self::InvalidAuthMode => "invalid_auth_mode",
            Self::InvalidTransport => "invalid_transport",
            Self::NameTaken => "name_taken",
            Self::BlockTaken => "block_taken",
            Self::UnknownHost => "unknown_host",
            Self::NoNameServer => "no_name_server",
            Self::InvalidNetwork => "invalid_network",
            Self::InvalidPortRange => "invalid_port_range",
            Self::InvalidPin => "invalid_pin",
            Self::PinWeak => "pin_weak",
            Self::InvalidEmail => "invalid_email",
            Self::RowTwice => "row_twice",
            Self::MissingColumn => "missing_column",
            Self::ColumnTwice => "column_twice",
            Self::NotText => "not_text",
            Self::NoRows => "no_rows",
            Self::TooManyRows => "too_many_rows",
            Self::FileTooLarge => "file_too_large",
            Self::TooManyCells => "too_many_cells",
            Self::SearchTooShort => "search_too_short",
            Self::UndoExpired => "undo_expired",
            Self::NotUndoable => "not_undoable",
            Self::PhoneOffline => "phone_offline",
            Self::PhoneRefused => "phone_refused",
            Self::ExtensionDisabled => "extension_disabled",
            Self::OwnNumber => "own_number",
            Self::NotDialable => "not_dialable",
            Self::InvalidPrefix => "invalid_prefix",
            Self::PremiumNumber => "premium_number",
            Self::PhonesExcluded => "phones_excluded",
            Self::InvalidUsername => "invalid_username",
            Self::InvalidRole => "invalid_role",
            Self::LastAdmin => "last_admin",
        }
    }
}

/// One broken rule at one field, with the limits its sentence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: &'static str,
    pub code: Code,
    pub args: BTreeMap<&'static str, String>,
}

/// Everything that is wrong with an input, in the order of its fields. Never empty when it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invalid {
    problems: Vec<Problem>,
}

impl Invalid {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn one(field: &'static str, code: Code) -> Self {
        let mut invalid = Self::new();
        invalid.add(field, code);
        invalid
    }

    pub fn add(&mut self, field: &'static str, code: Code) -> &mut Self {
        self.add_with(field, code, &[])
    }

    pub fn add_with(
        &mut self,
        field: &'static str,
        code: Code,
        args: &[(&'static str, String)],
    ) -> &mut Self {
        self.problems.push(Problem {
            field,
            code,
            args: args.iter().cloned().collect(),
        });
        self
    }

    /// Notes the problem of a value that could not be made, and goes on with the next field.
    pub fn note<T>(&mut self, field: &'static str, checked: Result<T, Wrong>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.add_with(field, wrong.code, &wrong.args);
                None
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the input could not even be read (as opposed to a rule it breaks).
    pub fn is_malformed(&self) -> bool {
        self.problems
            .iter()
            .any(|p| matches!(p.code, Code::Malformed | Code::Required))
    }

    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }

    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

/// Why one value is not legal, before it is known at which field it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub code: Code,
    pub args: Vec<(&'static str, String)>,
}

impl Wrong {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            args: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}
