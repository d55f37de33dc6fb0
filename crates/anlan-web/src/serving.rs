//! The server loop: connections within a limit, slow ones dropped, running answers finished on stop. What is
//! answered is the router's.

use crate::config::WebConfig;
use crate::sessions::Peer;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Time for a request's headers to arrive, and for an idle connection to send its next request.
const HEADER_SECONDS: u64 = 30;
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
    let places = Arc::new(Semaphore::new(config.connections_max));
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places)
                .acquire_owned()
                .await
                .map_err(io::Error::other)?;
            listener
                .accept()
                .await
                .map(|(stream, peer)| (stream, peer, place))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let connection = graceful.watch(connection(stream, peer, router.clone()));
                tokio::spawn(async move {
                    // A client that goes away in the middle is no event worth a line.
                    let _ = connection.await;
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
    stop.send_replace(true);
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some answers were still running after {DRAIN_SECONDS} s and were cut");
    }
    Ok(())
}

type Served = hyper::server::conn::http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Routed>>;

fn connection(stream: TcpStream, peer: SocketAddr, router: Router) -> Served {
    // Small answers leave at once; a failure here costs milliseconds, not correctness.
    let _ = stream.set_nodelay(true);
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(stream),
            TowerToHyperService::new(Routed { router, peer }),
        )
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
