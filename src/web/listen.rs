//! Takes connections: as many as there is room for, none that never finishes its request, and an end that comes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;

/// Browsers keep a connection each for their live stream; more than this many is not a company of 500.
const CONNECTIONS: usize = 4096;
/// A client has this long for the head of its request; half a head held open is not a client.
const HEAD: Duration = Duration::from_secs(10);
/// How long requests in progress may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until told to stop, and then lets requests in progress end.
pub async fn serve(listener: TcpListener, app: NormalizePath<Router>, stop: CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
    let builder = Arc::new(builder);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, most likely: others may end soon.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // An answer in two small writes must not wait for the first to be acknowledged.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let app = app.clone();
        let service = service_fn(move |request| answer(app.clone(), address, request));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        #[expect(
            clippy::disallowed_methods,
            reason = "waited for below, by the graceful shutdown"
        )]
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%address, error = %error, "a connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::info!("some requests did not end in time");
    }
}

async fn answer(
    app: NormalizePath<Router>,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    app.oneshot(request).await
}
