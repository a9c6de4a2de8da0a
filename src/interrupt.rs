//! Ctrl-C and SIGTERM, told to whoever asks between two steps.
//!
//! The first one asks the run to stop where nothing is left half-done; the second one is not waited for.

use tokio::sync::watch;

/// Whether, and how urgently, the run was asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    count: Option<watch::Receiver<u8>>,
}

impl Interrupt {
    /// Starts to listen for Ctrl-C and, where there is one, SIGTERM.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        let (sender, count) = watch::channel(0_u8);
        tokio::spawn(count_signals(sender));
        Self { count: Some(count) }
    }

    /// One that never happens, for code that runs unattended.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn requested(&self) -> bool {
        self.count.as_ref().is_some_and(|count| *count.borrow() > 0)
    }

    /// Waits until the run is asked to stop.
    pub async fn first(&self) {
        self.at_least(1).await;
    }

    /// Waits until the run is asked to stop for the second time.
    pub async fn second(&self) {
        self.at_least(2).await;
    }

    async fn at_least(&self, wanted: u8) {
        let reached = match self.count.clone() {
            Some(mut count) => count.wait_for(|count| *count >= wanted).await.is_ok(),
            None => false,
        };
        if !reached {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn count_signals(sender: watch::Sender<u8>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        sender.send_modify(|count| *count = count.saturating_add(1));
    }
}

#[cfg(not(unix))]
async fn count_signals(sender: watch::Sender<u8>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        sender.send_modify(|count| *count = count.saturating_add(1));
    }
}
