//! Deadlines for what is mostly done already.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::poll_immediate;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// What comes of a future, if that is within a limit. The clock is only started where there is something to wait for: the
/// greater part of all bodies comes together with the headers.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    match poll_immediate(future.as_mut()).await {
        Some(output) => Ok(output),
        None => timeout(limit, future).await,
    }
}
