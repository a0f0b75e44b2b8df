//! What may be set of the other nodes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{SettingsError, text};
use crate::private::Private;

/// The other nodes, where there are several (OPS-2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// `cluster.name`: what this node is called among the others; without it, there are none.
    #[serde(deserialize_with = "text::node_name")]
    pub name: Option<String>,
    /// `cluster.listen`: the TCP address for other nodes.
    #[serde(deserialize_with = "text::optional_address")]
    pub listen: Option<SocketAddr>,
    /// `cluster.address`: host and port at which they reach it, where that is another.
    #[serde(deserialize_with = "text::host_and_port")]
    pub address: Option<String>,
    /// `cluster.key_file`: the file of the key that all nodes share.
    #[serde(deserialize_with = "text::file")]
    pub key_file: Option<PathBuf>,
    /// `cluster.redis_url`: of Redis, with its password.
    #[serde(deserialize_with = "text::redis")]
    pub redis_url: Option<Private<String>>,
    /// `cluster.drain_s`: how long the meetings of a node that is drained may take to end, before they move.
    #[serde(
        rename = "drain_s",
        deserialize_with = "text::seconds::<0, 86_400, _, _>"
    )]
    pub drain_within: Duration,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            name: None,
            listen: None,
            address: None,
            key_file: None,
            redis_url: None,
            drain_within: Duration::from_hours(2),
        }
    }
}

/// One of several nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// Where it listens for the others.
    pub listen: SocketAddr,
    /// Where they reach it, where that is another address.
    pub address: Option<String>,
    /// The file of the key.
    pub key_file: PathBuf,
    /// Where Redis is, if there is one.
    pub redis_url: Option<Private<String>>,
    /// How long its meetings may take to end where it is drained.
    pub drain_within: Duration,
}

impl Cluster {
    /// This node, where there are several.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        Some(Node {
            name: self.name.clone()?,
            listen: self.listen?,
            address: self.address.clone(),
            key_file: self.key_file.clone()?,
            redis_url: self.redis_url.clone(),
            drain_within: self.drain_within,
        })
    }

    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let name = ("cluster.name", self.name.is_some());
        let listen = ("cluster.listen", self.listen.is_some());
        let key_file = ("cluster.key_file", self.key_file.is_some());
        for ((one, is_set), (other, is_too)) in [(name, listen), (name, key_file), (listen, name)] {
            if is_set && !is_too {
                return Err(SettingsError::Half(one, other));
            }
        }
        if let (Some(listen), None) = (self.listen, &self.address)
            && listen.ip().is_unspecified()
        {
            return Err(SettingsError::Nowhere(listen));
        }
        Ok(())
    }
}
