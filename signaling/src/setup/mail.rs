//! The second question and the third: the mail server, and who writes.

use std::net::IpAddr;

use post::Sender;

use super::SetupError;
use super::ask::Talk;
use super::file::Change;
use crate::doctor::{Health, try_mail};
use crate::settings::Settings;

pub(super) fn ask(talk: &mut Talk<'_>, now: &Settings) -> Result<Vec<Change>, SetupError> {
    talk.say("\n2. The mail server")?;
    let before = &now.mail;
    let host = talk.ask(
        "Which mail server takes e-mails, such as smtp.hillroad.example? Type none to have them in \
         files for now:",
        before.host.as_deref().unwrap_or("none"),
    )?;
    if host == "none" {
        return Ok(["host", "port", "security", "user", "password"]
            .map(|name| (key(name), None))
            .to_vec());
    }
    let port = before
        .port
        .map_or_else(|| "587".to_owned(), |it| it.to_string());
    let port = loop {
        let answer = talk.ask("Its port: 587, 465 or 25, or another?", &port)?;
        match answer.parse::<u16>() {
            Ok(number) if number > 0 => break answer,
            Ok(_) | Err(_) => talk.say("That is no port: a number from 1 to 65535.")?,
        }
    };
    let is_here = host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback());
    let usual = match port.as_str() {
        "465" => "tls",
        _ if is_here => "none",
        _ => "starttls",
    };
    let security = loop {
        let answer = talk.ask(
            "How is the way to it protected: starttls, tls or none?",
            usual,
        )?;
        if ["starttls", "tls", "none"].contains(&answer.as_str()) {
            break answer;
        }
        talk.say("Type starttls, tls or none.")?;
    };
    let user = talk.ask(
        "Our account there? Type none where it asks for none:",
        before.user.as_deref().unwrap_or("none"),
    )?;
    let (user, password) = if user == "none" {
        (None, None)
    } else {
        let password = talk.ask_hidden("Its password:")?;
        (Some(user.into()), Some(password.into()))
    };
    Ok(vec![
        (key("host"), Some(host.into())),
        (key("port"), Some(port.into())),
        (key("security"), Some(security.into())),
        (key("user"), user),
        (key("password"), password),
    ])
}

fn key(name: &str) -> &'static str {
    match name {
        "host" => "mail.smtp_host",
        "port" => "mail.smtp_port",
        "security" => "mail.smtp_security",
        "user" => "mail.smtp_user",
        _ => "mail.smtp_password",
    }
}

/// Whether the mail server answers and takes our account, or is to be taken all the same.
pub(super) fn is_right(talk: &mut Talk<'_>, now: &Settings) -> Result<bool, SetupError> {
    if now.mail.host.is_none() {
        return Ok(true);
    }
    talk.say("It is tried ...")?;
    let finding = try_mail(now);
    if finding.health == Health::Good {
        talk.say(&format!("  good     {}", finding.says))?;
        return Ok(true);
    }
    talk.say(&format!("  MEND     {}", finding.says))?;
    Ok(!talk.is_so("Answer anew?", true)?)
}

pub(super) fn ask_who_writes(
    talk: &mut Talk<'_>,
    now: &Settings,
) -> Result<Vec<Change>, SetupError> {
    talk.say("\n3. The school")?;
    let url = now.public_url(now.http.listen);
    let before = now.mail.from.as_deref();
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
    let name = name.trim().trim_matches('"').replace("\\\"", "\"");
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
