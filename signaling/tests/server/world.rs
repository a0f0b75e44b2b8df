//! The world around the program fails: its log, its standard output, its certificate; and signals.

use std::fs::{File, OpenOptions};
use std::io::pipe;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::{sleep, timeout};

use crate::support::PATIENCE;
use crate::support::request::get;

fn homeroom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeroom"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn send(child: &Child, signal: &str) {
    let id = child.id().expect("it runs").to_string();
    let sent = Command::new("kill").args([signal, &id]).status().await;
    assert!(sent.expect("kill is there").success());
}

/// Ends it by SIGTERM, as it should.
async fn end(mut child: Child) {
    send(&child, "-TERM").await;
    let ended = timeout(PATIENCE, child.wait()).await.expect("it ends");
    assert_eq!(ended.expect("it ran").code(), Some(0));
}

fn log_of(child: &mut Child) -> BufReader<ChildStderr> {
    BufReader::new(child.stderr.take().expect("it is piped"))
}

/// Reads lines until one has this in it.
async fn line_with(lines: &mut (impl AsyncBufRead + Unpin), words: &str) -> String {
    timeout(PATIENCE, async {
        loop {
            let mut line = String::new();
            let length = lines.read_line(&mut line).await.expect("text");
            assert_ne!(length, 0, "it ended before it said {words}");
            if line.contains(words) {
                return line;
            }
        }
    })
    .await
    .expect("it says so")
}

/// Asks until the answer is so.
async fn until_health(address: SocketAddr, is_so: impl Fn(u16, &str) -> bool) {
    timeout(PATIENCE, async {
        loop {
            let answer = get(address, "/readyz").await;
            if is_so(answer.status, &answer.body) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("it becomes so");
}

/// A demonstration with a call of four to play, whose log goes there.
async fn demonstration(log: Stdio, folder: &Path) -> (Child, SocketAddr) {
    let mut command = homeroom(&["demo", "--json", "--calls", "2", "--listen", "127.0.0.1:0"]);
    let mut child = command
        .env("HOMEROOM__LOG__FILTER", "trace")
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("it starts");
    drop(command);
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    let read = timeout(PATIENCE, out.read_line(&mut line)).await;
    read.expect("it starts in time").expect("it prints");
    std::fs::write(folder.join("links"), &line).expect("room");
    let all: Value = serde_json::from_str(&line).expect("JSON");
    let url = all.pointer("/0/url").and_then(Value::as_str);
    let url = url.expect("a link");
    let address = url
        .strip_prefix("http://")
        .and_then(|it| it.split_once('/'));
    let address = address.expect("an address").0;
    (child, address.parse().expect("an address"))
}

/// Eight people join, and talk; they hear one another.
async fn talk(folder: &Path) {
    let links = folder.join("links");
    let links = links.to_str().expect("UTF-8");
    let mut command = homeroom(&[
        "loadtest",
        "--json",
        "--calls",
        "2",
        "--seconds",
        "2",
        "--links",
        links,
    ]);
    let said = command
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .output();
    let said = timeout(4 * PATIENCE, said).await.expect("it ends");
    let said = said.expect("it starts");
    assert!(said.status.success());
    let report: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    let sound = |what: &str| {
        let figure = report.pointer(&format!("/sound/{what}"));
        figure.and_then(Value::as_u64).expect("a number")
    };
    assert!(sound("expected") > 1_000, "{report}");
    assert!(sound("lost") * 100 <= sound("expected"), "{report}");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_no_matter_to_calls() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = OpenOptions::new().write(true).open("/dev/full");
    let (reader, closed) = pipe().expect("a pipe");
    drop(reader);
    let full = Stdio::from(full.expect("it is there"));
    for log in [full, Stdio::from(closed)] {
        let (child, address) = demonstration(log, folder.path()).await;
        talk(folder.path()).await;
        until_health(address, |status, said| {
            status == 200 && said.contains("log: doubtful: Lines of the log are lost")
        })
        .await;
        end(child).await;
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_is_no_matter_and_says_later_what_it_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let (reader, writer) = pipe().expect("a pipe");
    let (child, address) = demonstration(Stdio::from(writer), folder.path()).await;
    talk(folder.path()).await;
    until_health(address, |status, said| {
        status == 200 && said.contains("log: doubtful: Lines of the log are lost")
    })
    .await;
    // It is read again.
    let reader = File::from(OwnedFd::from(reader));
    let mut reader = BufReader::new(tokio::fs::File::from_std(reader));
    let said = line_with(&mut reader, "lines of the log were lost").await;
    assert!(said.contains("WARN"), "{said}");
    let read_on =
        tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    until_health(address, |_, said| said.contains("log: well\n")).await;
    end(child).await;
    read_on.await.expect("no panic").expect("to the end");
}

#[tokio::test]
async fn a_closed_or_full_standard_output_ends_nothing() {
    // The start's own word finds nobody to read it.
    let (reader, closed) = pipe().expect("a pipe");
    drop(reader);
    let full = OpenOptions::new().write(true).open("/dev/full");
    let full = Stdio::from(full.expect("it is there"));
    for out in [full, Stdio::from(closed)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut child, address) = serving(&folder, |command| {
            command.stdout(out);
        })
        .await;
        let mut log = log_of(&mut child);
        line_with(&mut log, "what was to be printed at the start was not").await;
        assert_eq!(get(address, "/healthz").await.status, 200);
        end(child).await;
    }
}

/// A server with an empty data folder, whose log is read as far as its address.
async fn serving(folder: &TempDir, change: impl FnOnce(&mut Command)) -> (Child, SocketAddr) {
    let mut command = homeroom(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .env("HOMEROOM__DATA__FOLDER", folder.path().join("data"))
        .env("HOMEROOM__MEDIA__LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped());
    change(&mut command);
    let mut child = command.spawn().expect("it starts");
    drop(command);
    let mut log = child.stderr.take().expect("it is piped");
    // One byte at a time: the rest of the log is for others to read.
    let mut line = Vec::new();
    let address = timeout(PATIENCE, async {
        use tokio::io::AsyncReadExt as _;
        loop {
            let byte = log.read_u8().await.expect("it goes on");
            if byte != b'\n' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).expect("text");
            if let Some((_, address)) = text.split_once("serving listen=") {
                return address.parse().expect("an address");
            }
        }
    });
    let address = address.await.expect("it says so");
    child.stderr = Some(log);
    (child, address)
}

#[tokio::test]
async fn signals_that_ask_for_nothing_end_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, address) = serving(&folder, |_| {}).await;
    until_health(address, |status, _| status == 200).await;
    let mut log = log_of(&mut child);
    for (signal, word) in [
        ("-HUP", "there is nothing to read anew"),
        ("-USR1", "SIGUSR1 means nothing here"),
        ("-USR2", "SIGUSR2 means nothing here"),
    ] {
        send(&child, "-PIPE").await;
        send(&child, signal).await;
        line_with(&mut log, word).await;
        assert_eq!(get(address, "/healthz").await.status, 200, "{signal}");
    }
    end(child).await;
}

#[tokio::test]
async fn a_hangup_reads_the_certificate_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("room");
        path
    };
    let make = || {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let certificate = write("certificate.pem", made.cert.pem());
        (
            certificate,
            write("key.pem", made.signing_key.serialize_pem()),
        )
    };
    let (certificate, key) = make();
    let (mut child, _) = serving(&folder, |command| {
        command
            .env("HOMEROOM__HTTP__TLS_CERTIFICATE", certificate)
            .env("HOMEROOM__HTTP__TLS_KEY", key)
            .env("HOMEROOM__HTTP__PUBLIC_URL", "https://localhost");
    })
    .await;
    let mut log = log_of(&mut child);
    drop(make());
    send(&child, "-HUP").await;
    line_with(&mut log, "another certificate is in use").await;
    send(&child, "-HUP").await;
    line_with(
        &mut log,
        "nothing has changed in the files of the certificate",
    )
    .await;
    // One that cannot be used is not.
    drop(write("key.pem", String::new()));
    send(&child, "-HUP").await;
    line_with(&mut log, "the certificate before stays in use").await;
    end(child).await;
}

#[tokio::test]
async fn where_open_files_run_out_new_connections_wait_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, address) = serving(&folder, |_| {}).await;
    until_health(address, |status, _| status == 200).await;
    let mut log = log_of(&mut child);
    let id = child.id().expect("it runs");
    let open = std::fs::read_dir(format!("/proc/{id}/fd")).expect("it is ours");
    let few = open.count() + 8;
    let limited = Command::new("prlimit")
        .args([format!("--pid={id}"), format!("--nofile={few}:{few}")])
        .status()
        .await;
    assert!(limited.expect("prlimit is there").success());
    let mut all = Vec::new();
    for _ in 0..30 {
        let connection = tokio::net::TcpStream::connect(address).await;
        all.push(connection.expect("the system takes it"));
    }
    line_with(&mut log, "cannot accept connections").await;
    drop(all);
    until_health(address, |status, _| status == 200).await;
    end(child).await;
}
