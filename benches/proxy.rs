//! Stands between the server and PostgreSQL and counts how often the one waits for the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Outcome;

#[derive(Debug)]
pub struct Proxy {
    pub port: u16,
    trips: Arc<AtomicU32>,
    _passing: JoinSet<()>,
}

impl Proxy {
    pub async fn to(database: u16) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let trips = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&trips);
        let mut passing = JoinSet::new();
        passing.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                connections.spawn(async move {
                    // Either side may leave at any time.
                    let _left = pass(client, database, &counter).await;
                });
            }
        });
        Ok(Self {
            port,
            trips,
            _passing: passing,
        })
    }

    /// Round trips until now, over all connections.
    pub fn trips(&self) -> u32 {
        self.trips.load(Ordering::Relaxed)
    }
}

/// A round trip begins with the first bytes from the client after some from the database.
async fn pass(mut client: TcpStream, database: u16, trips: &AtomicU32) -> Outcome<()> {
    let mut database = TcpStream::connect(("127.0.0.1", database)).await?;
    client.set_nodelay(true)?;
    database.set_nodelay(true)?;
    let (mut asked, mut told) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let mut is_waiting = false;
    loop {
        tokio::select! {
            length = client.read(&mut asked) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                if !is_waiting {
                    is_waiting = true;
                    trips.fetch_add(1, Ordering::Relaxed);
                }
                database.write_all(&asked[..length]).await?;
            }
            length = database.read(&mut told) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                is_waiting = false;
                client.write_all(&told[..length]).await?;
            }
        }
    }
}
