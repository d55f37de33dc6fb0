//! `cargo xtask demo`: builds screen and server side by side, then runs the server on a seeded county until Ctrl-C.
//! What the county is, the program decides; here is only building, starting, waiting and telling.

use crate::process::{self, Running};
use crate::repo::Repo;
use crate::ui::Made;
use crate::{doctor, outside, ui};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

/// Seeding 90 days of a county on a busy machine takes seconds, never this long.
const READY_WITHIN: Duration = Duration::from_mins(3);

/// What `demo` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 8740)]
    port: u16,
    /// Folder for the demo's data
    #[arg(long, default_value = ".anlan/demo")]
    dir: PathBuf,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
    /// Throw away the demo's data and seed it anew
    #[arg(long)]
    fresh: bool,
}

/// The command.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    let started = outside::stopwatch();
    let address = format!("127.0.0.1:{}", options.port);
    if TcpListener::bind(&address).is_err() {
        bail!("{address} is in use; stop what listens there or choose another port with --port");
    }
    tell(started, &format!("tools: {}", doctor::check(false)?.join(", ")));
    let program = build(repo, started)?;
    let data = repo.root.join(&options.dir);
    if options.fresh {
        throw_away(repo, &data)?;
    }
    fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
    let mut server = Running::start(serve(repo, &program, &data, &address))?;
    wait_until_ready(&mut server, &address)?;
    tell(started, &format!("ready: http://{address}/  (Ctrl-C ends it)"));
    if !options.no_open {
        open(&format!("http://{address}/"));
    }
    let status = server.wait()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The demo of a built program, with the built screens read from disk.
pub(crate) fn serve(repo: &Repo, program: &Path, data: &Path, address: &str) -> Command {
    let mut command = Command::new(program);
    command
        .arg("demo")
        .arg("--data")
        .arg(data)
        .args(["--listen", address]);
    command.arg("--ui").arg(ui::dist(repo)).current_dir(&repo.root);
    command
}

/// Builds both halves at once: npm mostly waits while the compiler works. The program reads `ui/dist` when it
/// runs (`--ui`), so neither half needs the other. Returns the program.
fn build(repo: &Repo, started: Instant) -> Result<PathBuf> {
    tell(
        started,
        "building the screens (npm) and the server (cargo) side by side",
    );
    let screens = thread::scope(|scope| {
        let screens = scope.spawn(|| build_screens(repo, started));
        let server = process::show(process::cargo(
            &repo.root,
            &["build", "--profile", "demo", "--package", "anlan"],
        ));
        if server.is_ok() {
            tell(started, "server: built");
        }
        server.and(
            screens
                .join()
                .unwrap_or_else(|_| bail!("the build of the screens broke off")),
        )
    });
    screens?;
    Ok(process::target_folder(&repo.root)?.join("demo/anlan"))
}

fn build_screens(repo: &Repo, started: Instant) -> Result<()> {
    let logs = repo.path(".anlan/log");
    if ui::install(repo, "ui", &logs.join("npm-ci.log"))? == Made::Now {
        tell(started, "screens: packages installed");
    }
    let made = ui::build(repo, &logs.join("vite.log"))?;
    tell(
        started,
        if made == Made::Now {
            "screens: built"
        } else {
            "screens: unchanged"
        },
    );
    Ok(())
}

fn throw_away(repo: &Repo, data: &Path) -> Result<()> {
    if !data.exists() {
        return Ok(());
    }
    // A mistyped --dir must not cost anyone their county.
    if !data
        .canonicalize()?
        .starts_with(repo.path(".anlan").canonicalize()?)
    {
        bail!(
            "--fresh only throws away folders below .anlan/; remove {} yourself if you mean it",
            data.display()
        );
    }
    fs::remove_dir_all(data).with_context(|| format!("cannot remove {}", data.display()))
}

/// Waits until the server answers, or fails with how it ended.
pub(crate) fn wait_until_ready(server: &mut Running, address: &str) -> Result<()> {
    wait_within(READY_WITHIN, server, address)
}

/// The same with another patience: a demo that is built first needs more.
pub(crate) fn wait_within(within: Duration, server: &mut Running, address: &str) -> Result<()> {
    let started = outside::stopwatch();
    while !is_healthy(address) {
        if let Some(status) = server.ended()? {
            bail!("the server ended before it answered ({status}); its own message is above");
        }
        if started.elapsed() > within {
            bail!("the server did not answer within {} s", within.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn is_healthy(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// Opens the browser where there is a desktop; where not, the printed address is enough.
fn open(url: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let has_screen = cfg!(target_os = "macos")
        || outside::variable("DISPLAY").is_some()
        || outside::variable("WAYLAND_DISPLAY").is_some();
    if has_screen && let Err(error) = Command::new(opener).arg(url).spawn() {
        println!("could not open a browser ({error}); open {url} yourself");
    }
}

fn tell(started: Instant, text: &str) {
    println!("[{:6.1} s] {text}", started.elapsed().as_secs_f64());
}
