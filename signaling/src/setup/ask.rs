//! Questions and answers, a line each.

use std::io::{self, BufRead, Read as _, Write};

use super::SetupError;

/// The longest answer, bytes.
const LONGEST: u64 = 4_096;

/// Reads an answer that is not to be seen.
pub(super) type Hidden = fn() -> io::Result<String>;

/// Whoever is asked.
pub(super) struct Talk<'a> {
    input: &'a mut dyn BufRead,
    output: &'a mut dyn Write,
    hidden: Option<Hidden>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        input: &'a mut dyn BufRead,
        output: &'a mut dyn Write,
        hidden: Option<Hidden>,
    ) -> Self {
        Self {
            input,
            output,
            hidden,
        }
    }

    pub(super) fn say(&mut self, text: &str) -> Result<(), SetupError> {
        writeln!(self.output, "{text}")
            .and_then(|()| self.output.flush())
            .map_err(SetupError::Talk)
    }

    fn prompt(&mut self, question: &str, otherwise: &str) -> Result<(), SetupError> {
        let offer = if otherwise.is_empty() {
            String::new()
        } else {
            format!(" [{otherwise}]")
        };
        write!(self.output, "{question}{offer} ")
            .and_then(|()| self.output.flush())
            .map_err(SetupError::Talk)
    }

    /// One line, without its end.
    fn line(&mut self) -> Result<String, SetupError> {
        let mut line = Vec::new();
        let read = (&mut *self.input)
            .take(LONGEST)
            .read_until(b'\n', &mut line)
            .map_err(SetupError::Talk)?;
        if read == 0 {
            return Err(SetupError::Ended);
        }
        let line = String::from_utf8(line).map_err(|_none| SetupError::Unreadable)?;
        match line.strip_suffix('\n') {
            Some(line) => Ok(line.strip_suffix('\r').unwrap_or(line).to_owned()),
            None if line.len() as u64 == LONGEST => Err(SetupError::Unreadable),
            None => Ok(line),
        }
    }

    /// An answer; `otherwise` where it is empty.
    pub(super) fn ask(&mut self, question: &str, otherwise: &str) -> Result<String, SetupError> {
        self.prompt(question, otherwise)?;
        let line = self.line()?;
        let line = line.trim();
        Ok(if line.is_empty() { otherwise } else { line }.to_owned())
    }

    /// An answer that is not to be seen.
    pub(super) fn ask_hidden(
        &mut self,
        question: &str,
        otherwise: &str,
    ) -> Result<String, SetupError> {
        self.prompt(question, otherwise)?;
        match self.hidden {
            Some(hidden) => hidden().map_err(SetupError::Talk),
            None => self.line(),
        }
    }

    /// Yes or no.
    pub(super) fn is_so(&mut self, question: &str, otherwise: bool) -> Result<bool, SetupError> {
        loop {
            let offer = if otherwise { "yes" } else { "no" };
            match self.ask(question, offer)?.to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.say("Type yes or no.")?,
            }
        }
    }
}
