//! The command line. Each command opens what it needs and calls the same actions as every other door.

use crate::config::Config;
use crate::node::{Node, Size};
use crate::{
    alerts, cells, demo, docs, erasures, import, logs, open311, policies, profile, reference, scan, serve,
};
use anlan_app::Caller;
use anlan_model::accounts::{Account, Role};
use anlan_model::classifications::Classification;
use anlan_model::clock::{Clock as _, SystemClock};
use anlan_model::ids::{AccountId, GrantId};
use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Anlan (安澜): reports become cases, on the map, in the right office's hands, on time.
#[derive(Debug, Parser)]
#[command(name = "anlan", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// Configuration file; without one the defaults hold (`anlan docs config` prints them).
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Folder of the node's data, instead of the configured one.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the node: screens, API, timers and jobs, until it is told to stop.
    Serve(Listen),
    /// Seed a made-up county where there is none yet, and run it.
    Demo(Listen),
    /// Bring a city's export in; twice is the same as once.
    Import(import::Args),
    /// Look at a file before importing it: types, ranges, blanks, suspicious places, likely duplicates.
    Profile(profile::Args),
    /// Try the rows an import kept back again.
    Replay(import::ReplayArgs),
    /// Check and import cells (单元网格) from GeoJSON.
    Cells(cells::Args),
    /// Put in place what the county works by: classes, offices, deadlines, rules and more, from files.
    Reference(reference::Args),
    /// Make an account. The password is read from the terminal, or from standard input.
    AddAccount(AddAccount),
    /// Put a one-time word in place of an account's password, and print it. For whoever runs the machine.
    ResetPassword {
        /// What its holder types to sign in.
        name: String,
    },
    /// Copy the whole node while it runs.
    Backup {
        /// Folder to make; it must not exist yet.
        to: PathBuf,
        /// Number of the grant for it, needed unless the folder lies in the data folder.
        #[arg(long)]
        grant: Option<i64>,
    },
    /// Put a backup in place as this node's data folder, which must not exist yet.
    Restore {
        /// A folder that `backup` made.
        from: PathBuf,
    },
    /// Find clusters in SaTScan's projects and alarms in series of counts; needs no node.
    Scan(scan::Args),
    /// Check every case against its events and the search index, and print a digest of the state. Changes nothing.
    Verify,
    /// The access log that anyone can verify.
    #[command(subcommand)]
    Log(logs::Command),
    /// This node's own policies: who may do what.
    #[command(subcommand)]
    Policy(policies::Command),
    /// Alerts of authorities, in the Common Alerting Protocol (CAP).
    #[command(subcommand)]
    Alerts(alerts::Command),
    /// Other systems that speak Open311.
    #[command(subcommand)]
    Open311(open311::Command),
    /// What is kept for how long, and erasing what is due.
    #[command(subcommand)]
    Retention(erasures::Command),
    /// Print the description of the HTTP API, OpenAPI 3.1.
    Openapi,
    /// Print a reference page that is made from the program itself.
    Docs {
        /// Which page.
        #[arg(value_enum)]
        page: docs::Page,
    },
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Listen {
    /// Address and port, instead of the configured ones.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Folder of the built screens, instead of those inside the program.
    #[arg(long)]
    ui: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct AddAccount {
    /// What its holder types to sign in.
    name: String,
    /// What others see.
    #[arg(long)]
    display_name: Option<String>,
    /// A role; several may be given.
    #[arg(long = "role", required = true, value_parser = role)]
    roles: Vec<Role>,
    /// Code of its office.
    #[arg(long)]
    office: Option<String>,
    /// Division code prefix it works in.
    #[arg(long, default_value = "")]
    division: String,
}

fn role(text: &str) -> Result<Role, String> {
    let quoted = format!("\"{text}\"");
    serde_json::from_str(&quoted).map_err(|_error| {
        let all: Vec<String> = Role::ALL
            .iter()
            .map(|role| format!("{role:?}").to_lowercase())
            .collect();
        format!("no such role; roles are {}", all.join(", "))
    })
}

/// Runs one command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Scan(args) = &cli.command {
        return scan::run(args);
    }
    with_config(cli).map(|()| ExitCode::SUCCESS)
}

fn with_config(cli: Cli) -> anyhow::Result<()> {
    let is_demo = matches!(cli.command, Command::Demo(_));
    let mut config = Config::load(cli.config.as_deref(), is_demo)?;
    if let Some(data) = cli.data {
        config.data = data;
    }
    match cli.command {
        Command::Serve(listen) => serve::run(&over(config, listen), None),
        Command::Demo(listen) => demo_node(&over(config, listen)),
        Command::Import(args) => import::run(&open(&config)?.app, &args),
        Command::Profile(args) => profile::run(&args, SystemClock.now()),
        Command::Replay(args) => import::replay(&open(&config)?.app, &args),
        Command::Cells(args) => cells::run(&config, &args),
        Command::Reference(args) => reference::run(&open(&config)?.app, &args),
        Command::AddAccount(args) => add_account(&open(&config)?, &args),
        Command::ResetPassword { name } => reset_password(&open(&config)?, &name),
        Command::Backup { to, grant } => backup(&open(&config)?, &to, grant.map(GrantId)),
        Command::Restore { from } => restore(&from, &config.data),
        Command::Scan(args) => scan::run(&args).map(drop),
        Command::Verify => verify(&open(&config)?),
        Command::Log(command) => logs::run(&config, &command),
        Command::Policy(command) => policies::run(&config, &command),
        Command::Alerts(command) => {
            let trusted = alerts::trusted(&config.cap_trusted)?;
            alerts::run(&open(&config)?.app, &trusted, &command)
        }
        Command::Open311(command) => open311::run(&command),
        Command::Retention(command) => erasures::run(&open(&config)?.app, &command),
        Command::Openapi => {
            say(&anlan_web::openapi().to_pretty_json()?);
            Ok(())
        }
        Command::Docs { page } => {
            say(&docs::page(page)?);
            Ok(())
        }
    }
}

fn over(mut config: Config, listen: Listen) -> Config {
    if let Some(address) = listen.listen {
        config.listen = address;
    }
    config.ui = listen.ui.or(config.ui);
    config
}

/// Opens the configured node.
pub(crate) fn open(config: &Config) -> anyhow::Result<Node> {
    let mut node = Node::open(
        &config.data,
        Size {
            readers: config.readers,
            cache_mib: config.cache_mib,
        },
    )?;
    let shipped = Classification::shipped()?;
    let app = node
        .app
        .clone()
        .with_classification(shipped.with(&config.retention)?);
    node.app = policies::load(app, config.policies.as_deref())?;
    anlan_app::restorations::note(&node.app, &Caller::system())?;
    Ok(node)
}

fn demo_node(config: &Config) -> anyhow::Result<()> {
    let node = open(config)?;
    let bar = import::bar("seeding the demo county");
    let accounts = demo::seed(&node.app, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    node.app.reload()?;
    say(&accounts.to_string());
    drop(node);
    serve::run(config, Some(demo::trickle))
}

fn add_account(node: &Node, args: &AddAccount) -> anyhow::Result<()> {
    let jurisdiction = node.app.node();
    let office = match &args.office {
        None => None,
        Some(code) => Some(
            jurisdiction
                .office_by_code(code)
                .with_context(|| format!("there is no office with the code {code}"))?
                .id,
        ),
    };
    let account = Account {
        id: AccountId(0),
        name: args.name.clone(),
        display_name: args.display_name.clone().unwrap_or_else(|| args.name.clone()),
        roles: args.roles.clone(),
        office,
        division: args.division.clone(),
        is_active: true,
    };
    let made = anlan_app::accounts::create(&node.app, &Caller::system(), account, &password()?)?;
    say(&format!("account {} has id {}", made.name, made.id));
    Ok(())
}

fn reset_password(node: &Node, name: &str) -> anyhow::Result<()> {
    let system = Caller::system();
    let name = name.to_lowercase();
    let account = anlan_app::accounts::list(&node.app, &system, None)?
        .into_iter()
        .find(|account| account.name == name)
        .with_context(|| format!("there is no account named {name}"))?;
    let (word, until) = anlan_app::passwords::reset(&node.app, &system, account.id)?;
    say(&format!("one-time word of {name}, good until {until}: {word}"));
    Ok(())
}

fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("password: ").context("cannot read a password from the terminal");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("no password on standard input");
    }
    Ok(password.to_owned())
}

fn backup(node: &Node, to: &std::path::Path, grant: Option<GrantId>) -> anyhow::Result<()> {
    let bar = import::bar("backup");
    anlan_app::backups::take(&node.app, &Caller::system(), (to, grant), &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    say(&format!(
        "backup in {}. The node's key (node.key) is not in it: keep it apart.",
        to.display()
    ));
    Ok(())
}

fn verify(node: &Node) -> anyhow::Result<()> {
    let bar = import::bar("verify");
    let found = anlan_app::backups::verify(&node.app, &Caller::system(), &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    if found.wrong > 0 {
        let first: Vec<String> = found.first_wrong.iter().map(ToString::to_string).collect();
        bail!(
            "{} of {} cases are not what their events say or cannot be searched for: {} … Restore a backup that verifies, and keep this folder.",
            found.wrong,
            found.cases,
            first.join(", ")
        );
    }
    say(&format!(
        "{} cases, {} reports, {} events: every case is what its events say and can be searched for.\ndigest {}",
        found.cases, found.reports, found.events, found.digest
    ));
    Ok(())
}

fn restore(from: &std::path::Path, to: &std::path::Path) -> anyhow::Result<()> {
    let bar = import::bar("restore");
    let database = to.join("anlan.db");
    anlan_app::backups::restore(from, &database, SystemClock.now(), &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    say(&format!(
        "restored into {}. Put node.key beside it before you start, or contacts stay sealed. The node serves nobody until a \
         system and a security administrator have signed in and confirmed it.",
        to.display()
    ));
    Ok(())
}

/// Prints to standard output; a closed pipe is the reader's choice, not a fault.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

/// Prints to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
