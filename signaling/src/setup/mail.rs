//! The second question and the third: the mail server, and who writes.

use std::net::IpAddr;

use post::{Security, Sender};

use super::SetupError;
use super::ask::Talk;
use super::file::{Change, Value};
use crate::doctor::{Health, try_mail};
use crate::settings::{Mail, Settings, is_host};

const HOST: &str = "mail.smtp_host";
const PORT: &str = "mail.smtp_port";
const SECURITY: &str = "mail.smtp_security";
const USER: &str = "mail.smtp_user";
const PASSWORD: &str = "mail.smtp_password";

pub(super) fn ask(talk: &mut Talk<'_>, standing: &Settings) -> Result<Vec<Change>, SetupError> {
    talk.say("\n2. The mail server")?;
    let before = &standing.mail;
    let host = loop {
        let host = talk.ask(
            "Which mail server takes e-mails, such as smtp.hillroad.example? Type none to have them in \
             files for now:",
            before.host.as_deref().unwrap_or("none"),
        )?;
        if is_host(&host) {
            break host;
        }
        talk.say("That is no name of a mail server: type it alone, without a port or an account.")?;
    };
    if is_none(&host) {
        return Ok([HOST, PORT, SECURITY, USER, PASSWORD]
            .map(|key| (key, None))
            .to_vec());
    }
    let (port, security) = ask_how(talk, before, &host)?;
    let (user, password) = ask_account(talk, before)?;
    Ok(vec![
        (HOST, Some(host.into())),
        (PORT, Some(port.into())),
        (SECURITY, Some(security.into())),
        (USER, user),
        (PASSWORD, password),
    ])
}

/// The port, and how the connection is encrypted.
fn ask_how(talk: &mut Talk<'_>, before: &Mail, host: &str) -> Result<(String, String), SetupError> {
    let stood = before.server().filter(|it| it.host == host);
    let stood = stood.map(|it| (it.port.to_string(), it.security));
    let port = stood.as_ref().map_or("587", |(port, _)| port.as_str());
    let port = loop {
        let answer = talk.ask("Its port: 587, 465 or 25, or another?", port)?;
        match answer.parse::<u16>() {
            Ok(number) if number > 0 => break answer,
            Ok(_) | Err(_) => talk.say("That is no port: a number from 1 to 65535.")?,
        }
    };
    let is_here = host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback());
    let usual = match stood {
        Some((its, Security::StartTls)) if its == port => "starttls",
        Some((its, Security::Tls)) if its == port => "tls",
        Some((its, Security::None)) if its == port => "none",
        Some(_) | None if port == "465" => "tls",
        Some(_) | None if is_here => "none",
        Some(_) | None => "starttls",
    };
    loop {
        let security = talk.ask(
            "How is the connection encrypted: starttls, tls or none?",
            usual,
        )?;
        if ["starttls", "tls", "none"].contains(&security.as_str()) {
            return Ok((port, security));
        }
        talk.say("Type starttls, tls or none.")?;
    }
}

/// The account and its password; neither where the server asks for none.
fn ask_account(
    talk: &mut Talk<'_>,
    before: &Mail,
) -> Result<(Option<Value>, Option<Value>), SetupError> {
    let user = talk.ask(
        "Our account there? Type none where it asks for none:",
        before.user.as_deref().unwrap_or("none"),
    )?;
    if is_none(&user) {
        return Ok((None, None));
    }
    let kept = before.password.reveal();
    let is_kept = before.user.as_ref() == Some(&user) && !kept.is_empty();
    let offer = if is_kept { "as it is" } else { "" };
    let mut password = talk.ask_hidden("Its password:", offer)?;
    if password.is_empty() && is_kept {
        kept.clone_into(&mut password);
    }
    Ok((Some(user.into()), Some(password.into())))
}

fn is_none(answer: &str) -> bool {
    answer.eq_ignore_ascii_case("none")
}

/// Whether the mail server answers and takes our account, or is to be taken all the same.
pub(super) fn is_right(talk: &mut Talk<'_>, standing: &Settings) -> Result<bool, SetupError> {
    if standing.mail.host.is_none() {
        return Ok(true);
    }
    talk.say("It is tried ...")?;
    let finding = try_mail(standing);
    if finding.health == Health::Good {
        talk.say(&format!("  good     {}", finding.says))?;
        return Ok(true);
    }
    talk.say(&format!("  MEND     {}", finding.says))?;
    Ok(!talk.is_so("Try other answers?", true)?)
}

pub(super) fn ask_who_writes(
    talk: &mut Talk<'_>,
    standing: &Settings,
) -> Result<Vec<Change>, SetupError> {
    talk.say("\n3. The school")?;
    let url = standing.public_url(standing.http.listen);
    let before = standing.mail.from.as_deref();
    let (mut name, mut address) = before.map_or_else(
        || (String::new(), format!("evenings@{}", url.host())),
        parts,
    );
    loop {
        name = talk.ask("What is the school called?", &name)?;
        address = talk.ask("From which address does it write?", &address)?;
        let from = if name.is_empty() {
            address.clone()
        } else {
            format!("{} <{address}>", quoted(&name))
        };
        if Sender::is_mailbox(&from) {
            return Ok(vec![("mail.from", Some(from.into()))]);
        }
        talk.say("That is no name and e-mail address that a mail server takes.")?;
    }
}

/// The name and the address of a mailbox.
fn parts(mailbox: &str) -> (String, String) {
    let split = mailbox.strip_suffix('>').and_then(|it| it.rsplit_once('<'));
    let (name, address) = split.unwrap_or(("", mailbox));
    let name = name.trim();
    let inside = name.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let name = inside.unwrap_or(name).replace("\\\"", "\"");
    (name.replace("\\\\", "\\"), address.to_owned())
}

/// A name as a mailbox has it (RFC 5322 §3.2.4): in quotation marks where it holds more than words.
fn quoted(name: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(it);
    if name.chars().all(is_plain) {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
