//! Running a node: the web, the job loop and, for the demo, the trickle of new life; until a signal says stop.

use crate::config::Config;
use crate::http::Client;
use crate::{alerts, cli, identities, jobs, logs, watch};
use anlan_app::App;
use anlan_app::publications::Published;
use anlan_app::witnesses::Witness;
use anlan_web::{Rate, Rates, TlsFiles, WebConfig};
use anyhow::{Context as _, bail};
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What keeps a demo alive: does one thing, and says how long to wait before the next.
pub(crate) type Trickle = fn(&App, u64) -> anyhow::Result<Duration>;

const NAP: Duration = Duration::from_millis(200);

/// Runs the node until it is told to stop.
pub(crate) fn run(config: &Config, trickle: Option<Trickle>) -> anyhow::Result<()> {
    let filter: Targets =
        (config.log.parse()).with_context(|| format!("log = \"{}\" is no filter", config.log))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter).with(lines).init();
    let mut node = cli::open(config)?;
    let providers = identities::providers(&config.sign_in_through)?;
    node.app = node
        .app
        .clone()
        .with_two_factor_roles(config.two_factor_roles()?)
        .with_published(Published::of(config.open311_classes.iter().cloned()))
        .with_providers(providers, Arc::new(Client::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = vec![start(&stop, {
        let app = node.app.clone();
        move |stop| jobs::work(&app, stop)
    })];
    threads.push(start(&stop, {
        let app = node.app.clone();
        move |stop| watch::work(&app, stop)
    }));
    threads.push(start(&stop, {
        let app = node.app.clone();
        move |_| warm_up(&app)
    }));
    alerts::check(&config.cap_feeds)?;
    let trusted = alerts::trusted(&config.cap_trusted)?;
    for feed in &config.cap_feeds {
        let (app, feed, trusted) = (node.app.clone(), feed.clone(), Arc::clone(&trusted));
        threads.push(start(&stop, move |stop| {
            alerts::work(&app, &feed, &trusted, stop);
        }));
    }
    let signing = node.signing(config);
    let desk = signing.desk(config)?;
    for witness in desk.iter().flat_map(|desk| desk.witnesses()) {
        let (desk, witness, store) = (desk.clone(), witness.clone(), node.app.store.clone());
        threads.push(start(&stop, move |stop| {
            if let Some(desk) = &desk {
                logs::ask(desk, &witness, &store, stop);
            }
        }));
    }
    threads.push(start(&stop, move |stop| {
        logs::work(&signing, desk.as_deref(), stop);
    }));
    let witness = node.witness(config)?;
    if let Some(trickle) = trickle {
        let app = node.app.clone();
        threads.push(start(&stop, move |stop| keep_alive(&app, trickle, stop)));
    }
    let served = serve(config, &node.app, witness, trusted);
    stop.store(true, Ordering::SeqCst);
    for thread in threads {
        // A thread that panicked has said so already.
        let _ = thread.join();
    }
    served
}

#[expect(clippy::disallowed_methods, reason = "the program is where threads start")]
fn start(stop: &Arc<AtomicBool>, work: impl FnOnce(&AtomicBool) + Send + 'static) -> JoinHandle<()> {
    let stop = Arc::clone(stop);
    std::thread::spawn(move || work(&stop))
}

/// Lists and maps are right without it, only slower.
fn warm_up(app: &App) {
    if let Err(error) = app.warm_up() {
        tracing::warn!("cases cannot be read in: {error}");
    }
}

fn serve(
    config: &Config,
    app: &App,
    witness: Option<Arc<Witness>>,
    cap_trusted: Arc<Vec<Vec<u8>>>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let web = WebConfig {
        cap_trusted,
        ..door(config, witness)?
    };
    let scheme = if web.tls.is_some() { "https" } else { "http" };
    cli::say(&format!("Anlan 安澜: {scheme}://{}/", config.listen));
    runtime
        .block_on(anlan_web::serve(app.clone(), web, stopped()))
        .context("the web server ended")
}

/// What the HTTP door is told.
fn door(config: &Config, witness: Option<Arc<Witness>>) -> anyhow::Result<WebConfig> {
    let tls = match (&config.tls_certificate, &config.tls_key) {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: certificate.clone(),
            key: key.clone(),
        }),
        (None, None) => None,
        _ => anyhow::bail!("tls_certificate and tls_key belong together: name both or neither"),
    };
    let rate = |[burst, per_minute]: [u32; 2]| Rate { burst, per_minute };
    Ok(WebConfig {
        listen: config.listen,
        ui_dir: config.ui.clone(),
        public_url: Some(config.public_url.clone()).filter(|url| !url.is_empty()),
        open311_jurisdiction: Some(config.open311_jurisdiction.clone()).filter(|name| !name.is_empty()),
        is_behind_proxy: config.is_behind_proxy,
        secure_cookies: config.secure_cookies,
        witness,
        tls,
        connections_per_address_max: config.connections_per_address,
        rates: Rates {
            sign_in: rate(config.limit_sign_in),
            report: rate(config.limit_report),
            wrong_code: rate(config.limit_wrong_code),
            search: rate(config.limit_search),
            publication: rate(config.limit_publication),
            key: rate(config.limit_key),
        },
        ..WebConfig::default()
    })
}

/// Serves the folder of any log until told to stop.
pub(crate) fn log(folder: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    if !folder.join("checkpoint").is_file() {
        bail!("{} is no folder of a log: it has no checkpoint", folder.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    cli::say(&format!("{}: http://{listen}/", folder.display()));
    runtime
        .block_on(anlan_web::serve_log(folder.to_owned(), listen, stopped()))
        .context("the web server ended")
}

/// Ends when the process is asked to stop.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

/// Naps in short steps so that stopping is quick. `false` once told to stop.
pub(crate) fn nap(total: Duration, stop: &AtomicBool) -> bool {
    let mut left = total;
    while !left.is_zero() {
        if stop.load(Ordering::SeqCst) {
            return false;
        }
        let step = left.min(NAP);
        std::thread::sleep(step);
        left -= step;
    }
    !stop.load(Ordering::SeqCst)
}

fn keep_alive(app: &App, trickle: Trickle, stop: &AtomicBool) {
    for step in 0.. {
        let wait = trickle(app, step).unwrap_or_else(|error| {
            tracing::warn!("demo: {error:#}");
            Duration::from_secs(10)
        });
        if !nap(wait, stop) {
            return;
        }
    }
}
