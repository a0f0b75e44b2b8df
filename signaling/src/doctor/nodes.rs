//! What this machine needs to be one of several nodes: their key, its address, Redis.

use std::io::ErrorKind;
use std::net::TcpListener;

use cluster::{Bus, Unfit};

use super::{Finding, Health};
use crate::nodes;
use crate::settings::{Node, Settings};

/// Looks, and says nothing to the other nodes, which have written down what they go by; nothing is found where there are none.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let Some(node) = settings.cluster.node() else {
        return Vec::new();
    };
    let mut findings = vec![key(&node), address(&node)];
    findings.extend(redis(&node).await);
    findings.extend(alike(settings, &node).await);
    findings
}

fn key(node: &Node) -> Finding {
    let shown = node.key_file.display();
    match nodes::try_key(&node.key_file) {
        Ok(()) => Finding::new(
            Health::Good,
            format!("The key of the nodes, {shown}, can be read."),
        ),
        Err(error) => Finding::new(
            Health::Bad,
            format!("The file {shown} that cluster.key_file names cannot be used: {error}."),
        ),
    }
}

/// Whether the nodes that run have the same settings, where they are to be the same.
async fn alike(settings: &Settings, node: &Node) -> Option<Finding> {
    let written = nodes::read_alike(settings, node).await?;
    if !written.other_keys.is_empty() {
        let (shown, names) = (node.key_file.display(), written.other_keys.join(" and "));
        return Some(Finding::new(
            Health::Bad,
            format!(
                "The key of the nodes in {shown} is another than at {names}: copy the file that cluster.key_file names \
                 from there."
            ),
        ));
    }
    if let Some(says) = written.says {
        return Some(Finding::new(Health::Doubtful, says));
    }
    let names = written.names.join(" and ");
    (!names.is_empty()).then(|| {
        let says =
            format!("Settings that must be the same at all nodes are as they are here at {names}.");
        Finding::new(Health::Good, says)
    })
}

fn address(node: &Node) -> Finding {
    let listen = node.listen;
    match TcpListener::bind(listen) {
        Ok(_) => Finding::new(
            Health::Good,
            format!("TCP {listen} is free for other nodes."),
        ),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::new(
            Health::Good,
            format!("TCP {listen} is in use, by the node if it runs."),
        ),
        Err(error) => Finding::new(
            Health::Bad,
            format!(
                "TCP {listen} cannot be used ({error}): give an address of this machine with cluster.listen."
            ),
        ),
    }
}

async fn redis(node: &Node) -> Option<Finding> {
    let url = node.redis_url.as_ref()?;
    // Where they are several, which of them has what is said there is by its name.
    let name = nodes::name_in_redis(&node.key_file).unwrap_or_else(|_said| "doctor".to_owned());
    let bus = match Bus::new(url.reveal(), &name) {
        Ok(bus) => bus,
        Err(error) => {
            return Some(Finding::new(
                Health::Bad,
                format!("cluster.redis_url cannot be used: {error}."),
            ));
        }
    };
    Some(match bus.try_out().await {
        Ok(()) => Finding::new(
            Health::Good,
            "Redis answers, and does what nodes ask of it.",
        ),
        Err(Unfit::Silent) => Finding::new(
            Health::Doubtful,
            "Redis does not answer: were PostgreSQL away too, calls would end. See that it runs, and \
             cluster.redis_url.",
        ),
        Err(unfit @ Unfit::Refuses(_)) => Finding::new(
            Health::Bad,
            format!("{unfit}. Were PostgreSQL away too, calls would end."),
        ),
    })
}
