//! A connection that a test can cut: whoever connects to its port reaches another one, unless it is cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

#[derive(Debug)]
pub struct Link {
    pub port: u16,
    is_cut: Arc<AtomicBool>,
    was_cut: Arc<Notify>,
    _passing: JoinSet<()>,
}

impl Link {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let (is_cut, was_cut) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (cut, ends) = (Arc::clone(&is_cut), Arc::clone(&was_cut));
        let mut passing = JoinSet::new();
        passing.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    () = ends.notified() => connections.shutdown().await,
                    Ok((near, _)) = listener.accept() => {
                        if !cut.load(Ordering::SeqCst) {
                            connections.spawn(pass(near, port));
                        }
                    }
                }
            }
        });
        Self {
            port: own,
            is_cut,
            was_cut,
            _passing: passing,
        }
    }

    /// Ends what is connected, and lets nobody through any more.
    pub fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.was_cut.notify_one();
    }

    pub fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

async fn pass(mut near: TcpStream, port: u16) {
    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
        // Either side may leave at any time.
        let _left = copy_bidirectional(&mut near, &mut far).await;
    }
}
