//! Connections that a request can cut: how a reply is lost, and how a connection is reset, on a real socket.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How a connection ends without its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Closed in good order (FIN).
    Close = 1,
    /// Reset (RST).
    Reset = 2,
}

/// A request's hold on the connection it came over.
#[derive(Clone, Default)]
pub(crate) struct Link(Arc<AtomicU8>);

impl Link {
    /// From now on nothing is written to this connection.
    pub(crate) fn cut(&self, how: Cut) {
        self.0.store(how as u8, Ordering::Release);
    }

    fn how(&self) -> Option<Cut> {
        [Cut::Close, Cut::Reset].into_iter().find(|how| *how as u8 == self.0.load(Ordering::Acquire))
    }
}

pub(crate) struct LinkListener(pub(crate) TcpListener);

impl Listener for LinkListener {
    type Io = LinkStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LinkStream, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        (LinkStream { stream, link: Link::default() }, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, LinkListener>> for Link {
    fn connect_info(incoming: IncomingStream<'_, LinkListener>) -> Self {
        incoming.io().link.clone()
    }
}

pub(crate) struct LinkStream {
    stream: TcpStream,
    link: Link,
}

impl LinkStream {
    /// The error that makes the server give the connection up, once it was cut.
    fn check(&self) -> io::Result<()> {
        match self.link.how() {
            None => Ok(()),
            Some(Cut::Close) => Err(io::ErrorKind::BrokenPipe.into()),
            Some(Cut::Reset) => {
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }
}

impl AsyncRead for LinkStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for LinkStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
