//! What becomes of a call, as a person would write it down. The cases are made of this and of nothing else.

/// How the called extension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its phone rings and somebody answers.
    Idle,
    Busy,
    /// Its phone rings and nobody answers.
    NoAnswer,
    Declined,
    Unregistered,
    Disabled,
}

/// Which forwards are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwards {
    None,
    Always,
    WhenBusy,
    WhenUnanswered,
    BusyAndUnanswered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Internal,
    External,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Internal,
    Trunk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub state: State,
    pub forwards: Forwards,
    pub target: Target,
    pub has_mailbox: bool,
    pub caller: Caller,
}

/// Where a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Extension,
    Target,
    Mailbox,
    /// Refused with this status, and never answered.
    Refused(u16),
}

impl Case {
    pub fn all() -> Vec<Self> {
        use self::{Caller, Forwards, State, Target};
        let states = [
            State::Idle,
            State::Busy,
            State::NoAnswer,
            State::Declined,
            State::Unregistered,
            State::Disabled,
        ];
        let forwards = [
            Forwards::None,
            Forwards::Always,
            Forwards::WhenBusy,
            Forwards::WhenUnanswered,
            Forwards::BusyAndUnanswered,
        ];
        let mut all = Vec::new();
        for caller in [Caller::Internal, Caller::Trunk] {
            for has_mailbox in [false, true] {
                for target in [Target::Internal, Target::External] {
                    for forwards in forwards {
                        all.extend(states.map(|state| Self {
                            state,
                            forwards,
                            target,
                            has_mailbox,
                            caller,
                        }));
                    }
                }
            }
        }
        all
    }

    /// Whether the phones of the extension hear of the call at all.
    pub fn rings(self) -> bool {
        !matches!(self.state, State::Unregistered | State::Disabled)
            && self.forwards != Forwards::Always
    }

    pub fn ends(self) -> End {
        let busy = matches!(
            self.forwards,
            Forwards::WhenBusy | Forwards::BusyAndUnanswered
        );
        let unanswered = matches!(
            self.forwards,
            Forwards::WhenUnanswered | Forwards::BusyAndUnanswered
        );
        let otherwise = |status| {
            if self.has_mailbox {
                End::Mailbox
            } else {
                End::Refused(status)
            }
        };
        match self.state {
            State::Disabled => End::Refused(404),
            _ if self.forwards == Forwards::Always => End::Target,
            State::Idle => End::Extension,
            State::Busy if busy => End::Target,
            State::Busy => otherwise(486),
            _ if unanswered => End::Target,
            _ => otherwise(480),
        }
    }

    /// The rows of the standard table: one for each who was tried, and one for what the caller was told in the end; of
    /// a mailbox also with which greeting.
    pub fn legs(self) -> Vec<&'static str> {
        let of_desk = match self.state {
            State::Idle => "desk ANSWERED Dial",
            State::Busy => "desk BUSY Dial",
            _ => "desk NO ANSWER Dial",
        };
        let end = match (self.ends(), self.target) {
            (End::Extension, _) => None,
            (End::Target, Target::Internal) => Some("target ANSWERED Dial"),
            (End::Target, Target::External) => Some("provider ANSWERED Dial"),
            (End::Mailbox, _) if self.state == State::Busy => {
                Some("nobody ANSWERED VoiceMail with the busy greeting")
            }
            (End::Mailbox, _) => Some("nobody ANSWERED VoiceMail with the unavailable greeting"),
            (End::Refused(486), _) => Some("nobody BUSY Hangup"),
            (End::Refused(_), _) => Some("nobody NO ANSWER Hangup"),
        };
        let first = self.rings().then_some(of_desk);
        first.into_iter().chain(end).collect()
    }

    /// What the history says: a person's word for it.
    pub fn outcome(self) -> &'static str {
        match self.ends() {
            End::Extension | End::Target => "answered",
            End::Refused(486) => "busy",
            End::Refused(404) => "failed",
            End::Mailbox | End::Refused(_) => "missed",
        }
    }

    /// And whence and whither it went.
    pub fn direction(self) -> &'static str {
        match (self.caller, self.ends(), self.target) {
            (Caller::Trunk, ..) => "incoming",
            (Caller::Internal, End::Target, Target::External) => "outgoing",
            (Caller::Internal, ..) => "internal",
        }
    }
}
