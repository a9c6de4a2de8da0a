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
    /// Must be called within a tokio runtime. Signals are heard from the return of this on: whoever asks a question
    /// after it can be answered with Ctrl-C, which then kills nothing.
    #[must_use]
    pub fn listen() -> Self {
        let (sender, count) = watch::channel(0_u8);
        if let Some(mut signals) = Signals::register() {
            tokio::spawn(async move {
                while signals.next().await {
                    sender.send_modify(|count| *count = count.saturating_add(1));
                }
            });
        }
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

/// The signals that ask a run to stop, each registered at once and not at the first time that it is waited for.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn register() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Self {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
        })
    }

    /// Waits for one; false where none can come any more.
    async fn next(&mut self) -> bool {
        tokio::select! {
            heard = self.interrupt.recv() => heard.is_some(),
            heard = self.terminate.recv() => heard.is_some(),
        }
    }
}

/// The signals that ask a run to stop, each registered at once and not at the first time that it is waited for.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn register() -> Option<Self> {
        tokio::signal::windows::ctrl_c().ok().map(Self)
    }

    /// Waits for one; false where none can come any more.
    async fn next(&mut self) -> bool {
        self.0.recv().await.is_some()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A handler that is registered at the first poll alone would leave a moment in which Ctrl-C kills.
    #[test]
    fn a_signal_is_heard_from_the_return_of_listen_on() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("a runtime");
        let entered = runtime.enter();
        let interrupt = Interrupt::listen();
        // Nothing was polled yet. Unheard, the signal would end this process.
        let killed = std::process::Command::new("kill")
            .args(["-INT", &std::process::id().to_string()])
            .status()
            .expect("kill runs");
        assert!(killed.success());
        drop(entered);
        runtime.block_on(interrupt.first());
        assert!(interrupt.requested());
    }
}
