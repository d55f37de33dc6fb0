//! Child processes: started in groups of their own, shown, logged or listened to, and ended when we are. It knows
//! nothing of what they do.

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long children may take to end by themselves.
const GRACE: Duration = Duration::from_secs(10);
/// How much of a log is shown when its command fails.
const TAIL_LINES: usize = 40;

/// Groups of children that are running, by their leader's process id.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// From now on Ctrl-C, hang-up and termination end the children first, then us.
#[expect(
    clippy::disallowed_methods,
    reason = "a signal has to be waited for beside the work"
)]
pub(crate) fn end_children_with_us() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end_children();
            leave(signal);
        }
    });
    Ok(())
}

#[expect(
    clippy::exit,
    reason = "the main thread may be anywhere; the children are already gone"
)]
fn leave(signal: i32) {
    std::process::exit(128 + signal);
}

fn end_children() {
    let children = running().clone();
    for child in &children {
        send("TERM", *child);
    }
    let pause = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    while waited < GRACE && !running().is_empty() {
        thread::sleep(pause);
        waited += pause;
    }
    for child in running().iter() {
        send("KILL", *child);
    }
}

fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send(signal: &str, group: u32) {
    // The shell's own `kill`: a minimal system has no other.
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -s {signal} -- -{group}")])
        .stderr(Stdio::null())
        .status();
    if let Err(error) = sent {
        eprintln!("cannot end process group {group}: {error}");
    }
}

/// A child in a group of its own that is ended when we are.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts it without input.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).process_group(0);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        running().push(child.id());
        Ok(Self { child })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.forget();
        }
        Ok(status)
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait()?;
        self.forget();
        Ok(status)
    }

    /// Ends it in order.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        send("TERM", self.id());
        self.wait()
    }

    fn forget(&self) {
        running().retain(|id| *id != self.id());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if running().contains(&self.id()) {
            send("KILL", self.id());
            self.forget();
        }
    }
}

/// Runs a command with its output shown; fails if it fails.
pub(crate) fn show(command: Command) -> Result<()> {
    let line = line_of(&command);
    let status = Running::start(command)?.wait()?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command with its output kept in a file; on failure shows the file's end.
pub(crate) fn log(mut command: Command, file: &Path) -> Result<()> {
    let line = line_of(&command);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let output = fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
    command.stdout(output.try_clone()?).stderr(output);
    let status = Running::start(command)?.wait()?;
    if !status.success() {
        let text = fs::read_to_string(file).unwrap_or_default();
        let from = text.lines().count().saturating_sub(TAIL_LINES);
        let tail = text.lines().skip(from).collect::<Vec<_>>().join("\n");
        bail!(
            "`{line}` failed ({status}); the end of its output (all of it: {}):\n{tail}",
            file.display()
        );
    }
    Ok(())
}

/// Runs a command with its output shown as it comes and also handed back; says whether it succeeded.
pub(crate) fn listen(mut command: Command) -> Result<(bool, String)> {
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    // `start` consumes the command, and with it our copy of the writing end: reading then ends with the child.
    let mut child = Running::start(command)?;
    let mut text = String::new();
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let shown = String::from_utf8_lossy(&line);
        print!("{shown}");
        std::io::stdout().flush()?;
        text.push_str(&shown);
        line.clear();
    }
    Ok((child.wait()?.success(), text))
}

/// The output of a quick command, if it can be started and succeeds.
pub(crate) fn ask(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as one would type it.
pub(crate) fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Cargo itself, in the repository's root.
pub(crate) fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(crate::outside::variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    crate::outside::forget_own_package(&mut command);
    command.args(args).current_dir(root);
    command
}

/// The folder cargo builds into.
pub(crate) fn target_folder(root: &Path) -> Result<std::path::PathBuf> {
    let output = cargo(root, &["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("`cargo metadata` answered no JSON")?;
    let folder = metadata
        .get("target_directory")
        .and_then(serde_json::Value::as_str);
    Ok(folder.context("`cargo metadata` names no target folder")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_is_heard_and_failure_told() {
        let (is_good, text) = listen(sh("echo out; echo err >&2; exit 3")).unwrap();
        assert!(!is_good && text.contains("out") && text.contains("err"));
        let file = std::env::temp_dir().join(format!("anlan-xtask-{}.log", std::process::id()));
        let error = log(sh("echo last words; exit 1"), &file).unwrap_err().to_string();
        assert!(error.contains("last words"), "{error}");
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_stopped_child_takes_its_own_children_along() {
        let mut child = Running::start(sh("sleep 60 & echo $! ; wait")).unwrap();
        assert_eq!(child.ended().unwrap(), None);
        assert!(!child.stop().unwrap().success());
        assert!(!running().contains(&child.id()));
    }
}
