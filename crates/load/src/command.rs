//! The command line of a measurement, and what it prints.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use tokio::runtime::Runtime;

use crate::client::{self, Link};
use crate::play::{self, harm::Harm, restart::restarts, stampede::stampede, vigil::vigil};

/// What to measure, as it is said on a command line.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How many calls of four.
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    calls: u16,
    /// How long to measure, once all have joined; Ctrl-C ends it before.
    #[arg(long, value_name = "S", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// What `homeroom demo --calls N --json` printed on the server; without it a server is started
    /// here for the test.
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// The server to go to, instead of the one that the links name.
    #[arg(long, value_name = "URL", requires = "links")]
    url: Option<String>,
    /// The server's process on this machine, to measure what it uses.
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Encrypt as Chromium does, by AES-CM-HMAC-SHA1, rather than by AES-GCM as Firefox does.
    #[arg(long)]
    aes_cm: bool,
    /// Lose this share of datagrams each way between the load and the server, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=50))]
    loss: u8,
    /// Hold each datagram up by up to so much more, each way, in milliseconds. Their order is kept.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=1_000))]
    jitter: u16,
    /// Carry no more than this each way between each participant and the server, in kbit/s; what
    /// waits longer than 200 ms for its turn is lost.
    #[arg(long, value_name = "KBIT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// While measuring, flood the media port with so many datagrams a second that nobody sent. Only
    /// against a server of your own.
    #[arg(long, value_name = "PPS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    junk: Option<u32>,
    /// While measuring, have a guest with a seat in another call send what harms, as fast as a core
    /// can: `handshake`, `checks`, `media`, `reports`, `relay`, `offers` or `messages`. Only against
    /// a server of your own.
    #[arg(long, value_name = "KIND", value_parser = read_harm)]
    harm: Option<Harm>,
    /// Keep so many connections of others ready before the press, in calls of their own, and say what
    /// each costs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=10_000))]
    prepared: u16,
    /// Measure instead how soon people are back where the program is killed and started again, so
    /// many times, with servers of its own.
    #[arg(long, value_name = "N", conflicts_with_all = ["links", "server_pid", "harm", "junk", "floor"])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    restarts: Option<u32>,
    /// Measure instead how soon everybody of the calls is in where all press Join within so many
    /// milliseconds, and what five more calls notice of it.
    #[arg(long, value_name = "MS", conflicts_with_all = ["harm", "junk", "floor", "restarts"])]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=60_000))]
    stampede: Option<u64>,
    /// Have so many people of each call stay instead, whatever becomes of the servers, and print what each is
    /// told and hears, a line of JSON each, until Ctrl-C: four sit, the others wait. The links of each call
    /// follow each other in the file.
    #[arg(long, value_name = "N", requires = "links")]
    #[arg(conflicts_with_all = ["server_pid", "harm", "junk", "floor", "restarts", "stampede"])]
    #[arg(value_parser = clap::value_parser!(u16).range(4..=100))]
    vigil: Option<u16>,
    #[command(flatten)]
    floor: FloorArguments,
    /// Print one line of JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct FloorArguments {
    /// Measure instead the least work any server must do, on this machine.
    #[arg(long, conflicts_with_all = ["links", "server_pid"])]
    floor: bool,
    /// Of so many calls with their own packets at their own times, rather than of frames alone.
    #[arg(long, requires = "floor")]
    mix: bool,
}

/// Measures what was asked for; gives what is to be printed of it.
///
/// # Errors
///
/// Where the calls cannot be played, or the floor not be measured.
pub fn measure(arguments: &Arguments) -> anyhow::Result<String> {
    let window = Duration::from_secs(arguments.seconds);
    let wish = play::Wish {
        calls: usize::from(arguments.calls),
        window,
        links: arguments.links.as_deref(),
        url: arguments.url.as_deref(),
        server: arguments.server_pid,
        aes_cm: arguments.aes_cm,
        link: Link {
            loss: f64::from(arguments.loss) / 100.0,
            jitter: Duration::from_millis(arguments.jitter.into()),
            rate: arguments.rate,
        },
        junk: arguments.junk,
        harm: arguments.harm,
        prepared: usize::from(arguments.prepared),
    };
    let said = if arguments.floor.floor {
        let (floor, name) = if arguments.floor.mix {
            let calls = usize::from(arguments.calls);
            let floor = client::mix_floor(calls, window, arguments.aes_cm)?;
            (floor, "mix_floor_us")
        } else {
            (client::floor(window, arguments.aes_cm)?, "floor_us")
        };
        let cost = floor.cpu_us_per_forwarded;
        if arguments.json {
            format!("{{\"{name}\":{cost:.3}}}")
        } else {
            format!("  the least work a forwarded packet costs here: {cost:.2} µs")
        }
    } else if let Some(rounds) = arguments.restarts {
        let found = runtime()?.block_on(restarts(rounds))?;
        if arguments.json {
            found.json().to_string()
        } else {
            found.table()
        }
    } else if let Some(moment) = arguments.stampede {
        let within = Duration::from_millis(moment);
        let found = runtime()?.block_on(stampede(&wish, within))?;
        if arguments.json {
            found.json().to_string()
        } else {
            found.table()
        }
    } else if let Some(people) = arguments.vigil {
        runtime()?.block_on(vigil(&wish, usize::from(people)))?;
        String::new()
    } else {
        let report = runtime()?.block_on(play::play(&wish))?;
        if arguments.json {
            report.json().to_string()
        } else {
            report.table()
        }
    };
    Ok(said)
}

fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let built = builder.enable_all().build();
    built.map_err(|error| anyhow!("cannot start: {error}"))
}

fn read_harm(name: &str) -> Result<Harm, String> {
    let known = || Harm::all().map(Harm::name).collect::<Vec<_>>().join(", ");
    Harm::all()
        .find(|harm| harm.name() == name)
        .ok_or_else(|| format!("it is one of {}", known()))
}
