//! `homeroom doctor`: whether this machine is ready, and what a school's firewall must open.

mod certificate;
mod folder;
mod mail;
mod name;
mod nodes;
mod openid;
mod ports;
mod records;
mod webhooks;

use std::fmt::Write as _;
use std::net::SocketAddr;

use serde::Serialize;

use crate::settings::{self, Settings};

pub(crate) use name::{Leads, look_up};

/// Where Linux says how many bytes it holds for a socket at most.
const RECEIVE_BUFFER: &str = "/proc/sys/net/core/rmem_max";

/// How a thing stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, but not for everybody.
    Doubtful,
    /// It must be mended.
    Bad,
}

impl Health {
    /// For a person, before what is said.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Good => "good     ",
            Self::Doubtful => "look at  ",
            Self::Bad => "MEND     ",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// How it stands.
    pub health: Health,
    /// One sentence: what is so, and what to do where it should be otherwise.
    pub says: String,
}

/// One port that must be reachable.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Opening {
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
    /// The port on this machine.
    pub port: u16,
    /// What goes through it.
    pub purpose: &'static str,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// In the order of the settings.
    pub findings: Vec<Finding>,
    /// What the firewall must let in.
    pub openings: Vec<Opening>,
    /// Where browsers are told to send media.
    pub media: Vec<SocketAddr>,
}

impl Finding {
    fn new(health: Health, says: impl Into<String>) -> Self {
        Self {
            health,
            says: says.into(),
        }
    }
}

/// Looks at everything; a server that is running already may go on running.
#[must_use]
pub fn examine(settings: &Settings) -> Diagnosis {
    let mut findings = Vec::from_iter(ports::listening(settings));
    findings.extend(ports::http(settings));
    findings.extend(name::examine(settings));
    findings.extend(certificate::examine(settings));
    findings.extend(ports::media(settings));
    findings.extend(ports::buffer(std::fs::read_to_string(RECEIVE_BUFFER).ok()));
    let media = ports::announced(settings);
    findings.extend(ports::reach(settings, &media));
    findings.extend(folder::examine(&settings.import));
    findings.extend(waited_for(async {
        let (mut findings, nodes, openid, mail, webhooks) = tokio::join!(
            records::examine(settings),
            nodes::examine(settings),
            openid::examine(settings),
            mail::examine(settings),
            webhooks::examine(settings)
        );
        findings.extend(nodes);
        findings.extend(openid);
        findings.push(mail);
        findings.extend(webhooks);
        findings
    }));
    Diagnosis {
        findings,
        openings: ports::openings(settings),
        media,
    }
}

/// Looks at the files of a certificate alone.
pub(crate) fn look_at_files(files: &settings::Tls, host: &str) -> Vec<Finding> {
    certificate::of_files(files, host)
}

/// Whether this program, or another run of it, answers there.
pub(crate) fn is_ours(address: SocketAddr) -> bool {
    ports::is_ours(address)
}

/// Tries the mail server alone.
pub(crate) fn try_mail(settings: &Settings) -> Finding {
    let tried = waited_for(async { vec![mail::examine(settings).await] });
    let nothing = || Finding::new(Health::Bad, "It was not tried.");
    tried.into_iter().next().unwrap_or_else(nothing)
}

/// What databases and mail servers say.
fn waited_for(findings: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(findings),
        Err(error) => {
            let says = format!("Nothing can be asked over the network ({error}).");
            vec![Finding::new(Health::Bad, says)]
        }
    }
}

impl Diagnosis {
    /// Whether nothing must be mended.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.health != Health::Bad)
    }

    /// For a person.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // A String takes everything.
        for finding in &self.findings {
            let _infallible = writeln!(out, "  {}{}", finding.health.mark(), finding.says);
        }
        out.push_str(
            "\nWhat a firewall between this machine and people's browsers must let in:\n\n",
        );
        for opening in &self.openings {
            let Opening {
                protocol,
                port,
                purpose,
            } = opening;
            let _infallible = writeln!(out, "  {protocol} {port:<6} {purpose}");
        }
        let places: Vec<_> = self.media.iter().map(ToString::to_string).collect();
        let _infallible = writeln!(
            out,
            "\nBrowsers are told to send sound and picture to {}. Answers go back the way that\n\
             questions came. Outwards this machine itself asks the mail server and, where they are set, who\n\
             issues certificates, the gateway of text messages, the provider that the staff sign in by, the\n\
             information system, PostgreSQL, Redis and the other nodes.",
            places.join(", ")
        );
        out
    }
}

#[cfg(test)]
mod tests;
