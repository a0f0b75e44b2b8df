//! A server for one load test, on this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A server that ends with its handle.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
}

/// Records that outlive their server, and where that listens.
#[derive(Debug)]
pub(super) struct Place {
    folder: TempDir,
    listen: SocketAddr,
}

impl Place {
    /// An empty folder, and a port that nobody uses.
    pub(super) fn new() -> anyhow::Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self {
            folder: tempfile::tempdir().context("there is no room for a folder")?,
            listen: free.local_addr()?,
        })
    }
}

impl Server {
    /// Starts this program as a demonstration of `calls`; gives it and its links.
    pub(super) async fn start(calls: usize) -> anyhow::Result<(Self, String)> {
        let mut command = this_program()?;
        command.args(["demo", "--json", "--listen", "127.0.0.1:0"]);
        command.args(["--calls", &calls.to_string()]);
        Self::with_links(command).await
    }

    /// Fills the folder of `place` with a demonstration of `calls`; gives its links.
    pub(super) async fn fill(place: &Place, calls: usize) -> anyhow::Result<String> {
        let mut command = this_program()?;
        command.args(["demo", "--json", "--listen", &place.listen.to_string()]);
        command.args(["--calls", &calls.to_string(), "--data"]);
        command.arg(place.folder.path());
        let (server, links) = Self::with_links(command).await?;
        server.end().await?;
        Ok(links)
    }

    /// Starts this program on the records of `place`, whose appointments can be joined for a day.
    pub(super) fn serve(place: &Place) -> anyhow::Result<Self> {
        let mut command = this_program()?;
        command
            .args(["serve", "--listen", &place.listen.to_string()])
            // Where no settings lie.
            .current_dir(place.folder.path())
            .env("HOMEROOM__DATA__FOLDER", place.folder.path())
            // Whoever comes back offers anew, and learns the port by the answer.
            .env("HOMEROOM__MEDIA__LISTEN", "127.0.0.1:0")
            .env("HOMEROOM__CALLS__OPENS_BEFORE_MIN", "1440")
            .env("HOMEROOM__CALLS__CLOSES_AFTER_MIN", "1440")
            .stdout(Stdio::null());
        let child = command.spawn().context("a server cannot be started")?;
        Ok(Self { child })
    }

    async fn with_links(mut command: Command) -> anyhow::Result<(Self, String)> {
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.context("a server cannot be started")?;
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

    /// Kills it.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        self.child
            .kill()
            .await
            .context("the server cannot be ended")
    }
}

fn this_program() -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}
