//! The dialplan as it is, and the same with every row of the database as a line of the file.

use std::fmt::Write;
use std::fs;

use crate::Outcome;
use crate::filler;
use crate::stack::Stack;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialplan {
    /// As shipped: the row of a number is read from PostgreSQL at each call.
    Rows,
    /// All in the file, nothing is read.
    File,
}

impl Dialplan {
    pub const BOTH: [Self; 2] = [Self::File, Self::Rows];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::File => "static file",
        }
    }
}

/// The one Asterisk, with one dialplan or the other.
#[derive(Debug)]
pub struct Switch<'a> {
    stack: &'a Stack,
    shipped: String,
    numbers: Vec<String>,
}

impl<'a> Switch<'a> {
    /// `numbers`: those that are called, besides the fillers.
    pub fn new(stack: &'a Stack, numbers: Vec<String>) -> Outcome<Self> {
        let shipped = fs::read_to_string(stack.file("asterisk/extensions.conf"))?;
        Ok(Self {
            stack,
            shipped,
            numbers,
        })
    }

    pub fn to(&self, dialplan: Dialplan) -> Outcome<()> {
        let text = match dialplan {
            Dialplan::Rows => self.shipped.clone(),
            Dialplan::File => self.with_lines()?,
        };
        // Written in place, so that it stays the file of the account Asterisk runs as.
        fs::write(self.stack.file("asterisk/extensions.conf"), text)?;
        self.stack.run(["cli", "dialplan reload"])?;
        let number = self.numbers.first().ok_or("nobody to call")?;
        let show = format!("dialplan show {number}@internal");
        let is_line = self
            .stack
            .run(["cli", &show])?
            .contains(&format!("pbx-ring,s,1({number},20)"));
        if is_line == (dialplan == Dialplan::File) {
            Ok(())
        } else {
            Err(format!("Asterisk did not take the dialplan: {}", dialplan.name()).into())
        }
    }

    fn with_lines(&self) -> Outcome<String> {
        let (before, after) = self
            .shipped
            .split_once("\n[internal]\n")
            .ok_or("extensions.conf has no [internal]")?;
        let fillers = filler::first_of(1_000)..filler::first_of(1_000) + 1_000;
        let mut lines = String::new();
        for n in fillers
            .map(|n| n.to_string())
            .chain(self.numbers.iter().cloned())
        {
            writeln!(lines, "exten => {n},1,Gosub(pbx-ring,s,1({n},20))")?;
            writeln!(lines, " same => n,Hangup(19)")?;
        }
        Ok(format!("{before}\n[internal]\n{lines}{after}"))
    }
}
