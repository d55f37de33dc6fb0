//! The server loop: connections within a limit, slow ones dropped, running answers finished on stop. What is
//! answered is the router's.

use crate::config::WebConfig;
use crate::sessions::Peer;
use crate::tls::Tls;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Time for running answers to finish once the program was told to stop.
const DRAIN_SECONDS: u64 = 10;
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// Serves until `shutdown`, then finishes what is running and returns.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    config: &WebConfig,
    stop: watch::Sender<bool>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let tls = config.tls.as_ref().map(Tls::read).transpose()?;
    let following = config
        .tls
        .clone()
        .zip(tls.clone())
        .map(|(files, tls)| tokio::spawn(tls.follow(files)));
    let server = Server {
        router,
        tls,
        header_wait: Duration::from_secs(config.header_seconds),
    };
    let places = Places::new(config);
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = places.next(&listener) => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let connection = server.clone().serve(stream, peer, graceful.watcher());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if let Some(following) = following {
        following.abort();
    }
    stop.send_replace(true);
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some answers were still running after {DRAIN_SECONDS} s and were cut");
    }
    Ok(())
}

/// The places for connections, in all and per address.
struct Places {
    all: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_address: usize,
}

/// One taken place; given back when dropped.
struct Place {
    address: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    fn new(config: &WebConfig) -> Self {
        Self {
            all: Arc::new(Semaphore::new(config.connections_max)),
            taken: Arc::default(),
            // Behind a proxy every connection is the proxy's.
            per_address: if config.is_behind_proxy {
                usize::MAX
            } else {
                config.connections_per_address_max
            },
        }
    }

    /// The next connection for which there is a place. An address that holds too many is closed at once.
    async fn next(&self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr, Place)> {
        let permit = Arc::clone(&self.all)
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        loop {
            let (stream, peer) = listener.accept().await?;
            if self.take(peer.ip()) {
                let place = Place {
                    address: peer.ip(),
                    taken: Arc::clone(&self.taken),
                    _permit: permit,
                };
                return Ok((stream, peer, place));
            }
        }
    }

    fn take(&self, address: IpAddr) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        let is_free = *count < self.per_address;
        *count += usize::from(is_free);
        is_free
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// What every connection is served with.
#[derive(Clone)]
struct Server {
    router: Router,
    tls: Option<Tls>,
    /// Time for a request's headers to arrive, and for an idle connection to send its next request.
    header_wait: Duration,
}

impl Server {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // Small answers leave at once; a failure here costs milliseconds, not correctness.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.talk(stream, peer, watcher).await;
        };
        // A client that speaks no TLS, or goes away in the middle, is no event worth a line.
        if let Ok(stream) = tls.shake(stream).await {
            self.talk(stream, peer, watcher).await;
        }
    }

    async fn talk<S>(&self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let routed = Routed {
            router: self.router.clone(),
            peer,
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_wait)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routed));
        let _ = watcher.watch(connection).await;
    }
}

/// The router, told who is at the other end.
#[derive(Clone)]
struct Routed {
    router: Router,
    peer: SocketAddr,
}

impl tower_service::Service<Request<Incoming>> for Routed {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = axum::routing::future::RouteFuture<Self::Error>;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        tower_service::Service::<Request<Body>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(self.peer));
        tower_service::Service::call(&mut self.router, request)
    }
}
