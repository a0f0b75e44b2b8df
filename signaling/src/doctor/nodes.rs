//! What this machine needs to be one of several nodes: their key, its address, Redis.

use std::io::ErrorKind;
use std::net::TcpListener;

use cluster::Bus;

use super::{Finding, Health};
use crate::nodes;
use crate::settings::{Node, Settings};

/// Looks, and says nothing to the other nodes; nothing is found where there are none.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let Some(node) = settings.cluster.node() else {
        return Vec::new();
    };
    let mut findings = vec![key(&node), address(&node)];
    findings.extend(redis(&node).await);
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
    let finding = match Bus::new(url.reveal(), "doctor") {
        Ok(bus) if bus.is_there().await => Finding::new(Health::Good, "Redis answers."),
        Ok(_) => Finding::new(
            Health::Doubtful,
            "Redis does not answer: were PostgreSQL away too, calls would end. See that it runs, and \
             cluster.redis_url.",
        ),
        Err(error) => Finding::new(
            Health::Bad,
            format!("cluster.redis_url cannot be used: {error}."),
        ),
    };
    Some(finding)
}
