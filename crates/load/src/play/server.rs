//! A server for one load test, on this machine.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A server that ends with its handle.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
}

impl Server {
    /// Starts this program as a demonstration of `calls`; gives it and its links.
    pub(super) async fn start(calls: usize) -> anyhow::Result<(Self, String)> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mut child = Command::new(program)
            .args([
                "demo",
                "--json",
                "--listen",
                "127.0.0.1:0",
                "--calls",
                &calls.to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("a server cannot be started")?;
        let out = child.stdout.take().context("the server has no output")?;
        let links = BufReader::new(out).lines().next_line().await?;
        Ok((
            Self { child },
            links.context("the server ended before it could be used")?,
        ))
    }

    /// Its process.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        self.child
            .kill()
            .await
            .context("the server cannot be ended")
    }
}
